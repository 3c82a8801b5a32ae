namespace Deutero.Cli.Benchmarks;

/// <summary>How long requests took, in milliseconds.</summary>
/// <param name="Count">How many.</param>
/// <param name="P50">Half of them took at most this.</param>
/// <param name="P99">Of a hundred, ninety-nine took at most this.</param>
/// <param name="Longest">The longest.</param>
internal sealed record Latencies(int Count, double P50, double P99, double Longest)
{
    internal static Latencies Of(IEnumerable<double> milliseconds)
    {
        var sorted = milliseconds.Order().ToArray();
        double At(double fraction) => sorted.Length == 0 ? double.NaN : sorted[Math.Max(0, (int)Math.Ceiling(fraction * sorted.Length) - 1)];
        return new(sorted.Length, At(0.5), At(0.99), At(1));
    }
}
