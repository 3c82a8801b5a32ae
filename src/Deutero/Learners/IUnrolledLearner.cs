namespace Deutero.Learners;

/// <summary>A learner whose meta-gradient flows through the steps of an inner loop.</summary>
public interface IUnrolledLearner : IMetaLearner
{
    /// <summary>Through which inner steps the meta-gradient flows.</summary>
    Unrolling Unrolling { get; }

    /// <summary>The same learner with another policy.</summary>
    /// <param name="unrolling">The policy.</param>
    IMetaLearner WithUnrolling(Unrolling unrolling);
}
