namespace Deutero.Training;

/// <summary>Meta-training came to a loss that is no number: its learning rates do not suit the task.</summary>
/// <param name="iteration">The iteration, from 1.</param>
/// <param name="loss">The loss: NaN or an infinity.</param>
public sealed class DivergenceException(int iteration, double loss) : Exception(
    $"The loss became {loss} at iteration {iteration}: lower the inner or outer learning rate, or clip the meta-gradient (training.outer.clipValue).")
{
    /// <summary>The iteration whose loss is no number, from 1.</summary>
    public int Iteration { get; } = iteration;

    /// <summary>The loss: NaN or an infinity.</summary>
    public double Loss { get; } = loss;
}
