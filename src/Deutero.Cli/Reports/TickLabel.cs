using System.Globalization;

namespace Deutero.Cli.Reports;

/// <summary>Writes the values of ticks.</summary>
internal static class TickLabel
{
    private static readonly (double Size, string Suffix)[] s_units = [(1e9, "G"), (1e6, "M"), (1e3, "k")];

    /// <summary>A value with the decimals that its step needs, for example <c>0.25</c>, <c>60k</c>, <c>1e-5</c>.</summary>
    /// <param name="value">The value.</param>
    /// <param name="step">The distance to the next tick.</param>
    /// <param name="largest">The magnitude of the axis, so that all its labels are written in one way.</param>
    public static string Of(double value, double step, double largest)
    {
        if (Math.Abs(value) < step / 2)
        {
            return "0";
        }

        if (largest is >= 1e12 or < 1e-3 || step < 1e-6)
        {
            return Exponent(value, step);
        }

        var (unit, suffix) = s_units.FirstOrDefault(unit => largest >= 10 * unit.Size || (largest >= unit.Size && step >= unit.Size), (1, ""));
        var decimals = Math.Clamp((int)Math.Ceiling(-Math.Log10(step / unit) - 1e-9), 0, 15);
        return Math.Round(value / unit, decimals).ToString($"0.{new string('#', decimals)}", CultureInfo.InvariantCulture) + suffix;
    }

    private static string Exponent(double value, double step)
    {
        var digits = (int)Math.Floor(Math.Log10(Math.Abs(value)) + 1e-9) - (int)Math.Floor(Math.Log10(step) + 1e-9);
        return value.ToString($"0.{new string('#', Math.Clamp(digits, 0, 14))}e0", CultureInfo.InvariantCulture);
    }
}
