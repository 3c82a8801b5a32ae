namespace Deutero.Optimisers;

/// <summary>Learning-rate schedules.</summary>
public static class Schedules
{
    /// <summary>The same rate always.</summary>
    /// <param name="rate">The rate.</param>
    public static Schedule Constant(double rate) => _ => rate;

    /// <summary>From one rate to another in a straight line, then constant.</summary>
    /// <param name="from">The first rate.</param>
    /// <param name="to">The last rate.</param>
    /// <param name="steps">After how many updates the last rate is reached; at least 1.</param>
    public static Schedule Linear(double from, double to, long steps) => step => from + ((to - from) * Math.Min(1.0, (double)step / steps));

    /// <summary>From one rate to another along half a cosine, then constant (Loshchilov and Hutter, ICLR 2017).</summary>
    /// <param name="from">The first rate.</param>
    /// <param name="to">The last rate.</param>
    /// <param name="steps">After how many updates the last rate is reached; at least 1.</param>
    public static Schedule Cosine(double from, double to, long steps) =>
        step => to + ((from - to) * 0.5 * (1 + Math.Cos(Math.PI * Math.Min(1.0, (double)step / steps))));

    /// <summary>Multiplied by a factor every so many updates.</summary>
    /// <param name="rate">The first rate.</param>
    /// <param name="factor">The factor, for example 0.5.</param>
    /// <param name="every">The updates between changes; at least 1.</param>
    public static Schedule Step(double rate, double factor, long every) => step => rate * Math.Pow(factor, step / every);
}
