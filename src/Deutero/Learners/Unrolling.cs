namespace Deutero.Learners;

/// <summary>Through which inner steps the meta-gradient flows, and what is kept in memory meanwhile: one of the records in here.</summary>
/// <remarks>
/// <see cref="Full"/> and <see cref="Checkpointed"/> give the same meta-gradient up to rounding; the other two give another, cheaper one.
/// In a configuration: <c>"unrolling": "checkpointed"</c>, or <c>"unrolling": { "type": "truncated", "steps": 3 }</c>.
/// </remarks>
public abstract record Unrolling
{
    private Unrolling()
    {
    }

    /// <summary>Whether the meta-gradient is the derivative of the query loss through all inner steps.</summary>
    public bool IsExact => this is Full or Checkpointed;

    // So many of the first steps count their inner gradients as constants.
    internal int ConstantSteps(int steps) => this switch
    {
        FirstOrder => steps,
        Truncated truncated => Math.Max(0, steps - truncated.Steps),
        _ => 0,
    };

    /// <summary>Exact; the graphs of all inner steps are alive during the outer gradient, so that memory grows linearly with the steps.</summary>
    public sealed record Full : Unrolling;

    /// <summary>Exact, in the memory of a few steps: only the parameters between segments are kept, and a segment's graph is built again when the gradient passes it.</summary>
    /// <remarks>Every inner step is computed twice. Parameters are far smaller than graphs, so that segments of one step need the least memory nearly always.</remarks>
    public sealed record Checkpointed : Unrolling
    {
        /// <summary>Inner steps whose graphs are alive together, at least 1; default 1.</summary>
        public int Segment { get; init => field = Setting.AtLeast(value, 1, nameof(Segment)); } = 1;
    }

    /// <summary>Exact through the last steps only: the inner gradients of earlier ones count as constants (Shaban, Cheng, Hatch and Boots, AISTATS 2019).</summary>
    /// <remarks>
    /// For a learned initialisation this is dφ/dθ = I up to the last steps, the gradient of the query loss with respect to the parameters there.
    /// With as many steps as the inner loop has it is exact.
    /// </remarks>
    public sealed record Truncated : Unrolling
    {
        /// <summary>The last inner steps, which are differentiated, at least 1; default 1.</summary>
        public int Steps { get; init => field = Setting.AtLeast(value, 1, nameof(Steps)); } = 1;
    }

    /// <summary>All inner gradients count as constants: no second derivatives, and the memory of one step beside the parameters after each (section 5.2 of MAML's paper).</summary>
    public sealed record FirstOrder : Unrolling;
}
