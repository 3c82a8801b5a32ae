namespace Deutero.Cli.Reports;

/// <summary>A scale from values to positions in [0, 1], with round ticks.</summary>
internal sealed class Axis
{
    // Beyond this, differences of values overflow; nothing that is measured is as large.
    private const double Largest = 1e300;

    private readonly double _from;
    private readonly double _to;

    private Axis(bool log, double from, double to, IReadOnlyList<Tick> ticks)
    {
        IsLog = log;
        _from = from;
        _to = to;
        Ticks = ticks;
    }

    public bool IsLog { get; }

    public IReadOnlyList<Tick> Ticks { get; }

    /// <summary>Whether a value has a place on such an axis.</summary>
    public static bool Holds(double value, bool log) => log ? value is > 0 and < Largest : Math.Abs(value) < Largest;

    /// <summary>An axis that holds all values; from 0 to 1 (or 1 to 10) where there are none.</summary>
    public static Axis Over(IEnumerable<double> values, bool log, bool pad)
    {
        var (least, most) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var value in values)
        {
            if (Holds(value, log))
            {
                least = Math.Min(least, value);
                most = Math.Max(most, value);
            }
        }

        if (least > most)
        {
            (least, most) = log ? (1, 10) : (0, 1);
        }

        return log ? Logarithmic(Math.Log10(least), Math.Log10(most)) : Linear(least, most, pad);
    }

    /// <summary>The position of a value that the axis holds: 0 at its lower end, 1 at its upper end.</summary>
    public double Position(double value) => ((IsLog ? Math.Log10(value) : value) - _from) / (_to - _from);

    private static Axis Linear(double least, double most, bool pad)
    {
        var size = Math.Max(Math.Abs(least), Math.Abs(most));
        if (most - least <= Math.Max(size * 1e-9, 1e-290))
        {
            // A constant gets room on both sides, so that its line is not the frame.
            var room = size < 1e-280 ? 1 : size * 0.5;
            (least, most) = (least - room, most + room);
        }
        else if (pad)
        {
            var room = (most - least) * 0.04;

            // Counts, losses and accuracies end at zero: an axis that begins below it suggests values that cannot be.
            (least, most) = (least >= 0 && least - room < 0 ? 0 : least - room, most + room);
        }

        var step = RoundStep((most - least) / 5);
        var largest = Math.Max(Math.Abs(least), Math.Abs(most));
        var ticks = new List<Tick>();
        for (var i = Math.Ceiling(least / step); i <= Math.Floor(most / step * (1 + 1e-12)) && ticks.Count < 12; i++)
        {
            ticks.Add(new Tick(((i * step) - least) / (most - least), TickLabel.Of(i * step, step, largest)));
        }

        return new Axis(log: false, least, most, ticks);
    }

    private static double RoundStep(double rough)
    {
        var decade = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        return (rough / decade) switch
        {
            < 1.5 => decade,
            < 3.5 => 2 * decade,
            < 7.5 => 5 * decade,
            _ => 10 * decade,
        };
    }

    private static Axis Logarithmic(double least, double most)
    {
        var room = most - least < 0.01 ? 0.3 : (most - least) * 0.04;
        (least, most) = (least - room, most + room);
        var stride = Math.Max(1, (int)Math.Ceiling((most - least) / 7));

        // Less than about two decades would leave a tick or none, so 2 and 5 join the powers of ten.
        double[] digits = most - least < 2.2 ? [1, 2, 5] : [1];
        var ticks = new List<Tick>();
        for (var decade = (int)Math.Floor(least); decade <= most; decade++)
        {
            if (decade % stride != 0)
            {
                continue;
            }

            ticks.AddRange(digits
                .Select(digit => (Value: digit * Math.Pow(10, decade), At: (decade + Math.Log10(digit) - least) / (most - least)))
                .Where(tick => tick.At is >= 0 and <= 1)
                .Select(tick => new Tick(tick.At, TickLabel.Of(tick.Value, tick.Value, tick.Value))));
        }

        return new Axis(log: true, least, most, ticks);
    }
}
