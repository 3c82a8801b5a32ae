namespace Deutero.Studio.Tests;

/// <summary>Draws symbols as a hand does: never twice the same.</summary>
internal sealed class Hand(int seed)
{
    private readonly Random _random = new(seed);

    /// <summary>Simple symbols, as corners of strokes from 0 to 1.</summary>
    internal static readonly IReadOnlyDictionary<string, (double X, double Y)[][]> Symbols = new Dictionary<string, (double, double)[][]>
    {
        ["ring"] = [[.. Enumerable.Range(0, 19).Select(i => (0.5 + (0.35 * Math.Sin(i * Math.PI / 9)), 0.5 - (0.35 * Math.Cos(i * Math.PI / 9))))]],
        ["cross"] = [[(0.2, 0.2), (0.8, 0.8)], [(0.8, 0.2), (0.2, 0.8)]],
        ["bolt"] = [[(0.65, 0.12), (0.3, 0.55), (0.65, 0.5), (0.35, 0.9)]],
        ["house"] = [[(0.25, 0.85), (0.25, 0.45), (0.5, 0.15), (0.75, 0.45), (0.75, 0.85), (0.25, 0.85)]],
        ["fork"] = [[(0.5, 0.9), (0.5, 0.15)], [(0.2, 0.15), (0.2, 0.45), (0.8, 0.45), (0.8, 0.15)]],
    };

    /// <summary>A symbol with a tremor.</summary>
    internal (double X, double Y)[][] Draw(string symbol) => Draw(symbol, size: 1, slant: 0, x: 0, y: 0);

    /// <summary>The same smaller, slanted and elsewhere.</summary>
    internal (double X, double Y)[][] Redraw(string symbol) =>
        Draw(symbol, Between(0.45, 0.8), Between(-0.25, 0.25), Between(-0.1, 0.1), Between(-0.1, 0.1));

    private (double X, double Y)[][] Draw(string symbol, double size, double slant, double x, double y)
    {
        (double X, double Y) Put((double X, double Y) point)
        {
            var (fromMiddle, below) = (point.X - 0.5, point.Y - 0.5);
            return (0.5 + x + (size * (fromMiddle - (slant * below))) + Tremor(), 0.5 + y + (size * below) + Tremor());
        }

        return [.. Symbols[symbol].Select(corners => Between(corners).Select(Put).ToArray())];
    }

    // A hand reports many points between corners.
    private static IEnumerable<(double X, double Y)> Between((double X, double Y)[] corners)
    {
        const int steps = 5;
        return corners.Zip(corners.Skip(1)).SelectMany(pair => Enumerable.Range(0, steps).Select(i => (
            pair.First.X + ((pair.Second.X - pair.First.X) * i / steps), pair.First.Y + ((pair.Second.Y - pair.First.Y) * i / steps)))).Append(corners[^1]);
    }

    private double Tremor() => Between(-0.012, 0.012);

    private double Between(double low, double high) => low + ((high - low) * _random.NextDouble());
}
