namespace Deutero;

/// <summary>The ranges of settings: each returns the value, or refuses it in one sentence.</summary>
internal static class Setting
{
    internal static T AtLeast<T>(T value, T minimum, string name)
        where T : IComparable<T> =>
        value.CompareTo(minimum) >= 0
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be at least {minimum}.");

    internal static double Fraction(double value, string name) =>
        value is >= 0 and < 1
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be at least 0 and below 1.");

    internal static double Positive(double value, string name) =>
        value > 0 && double.IsFinite(value)
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be a positive number.");

    internal static double NotNegative(double value, string name) =>
        value >= 0 && double.IsFinite(value)
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be a number of at least 0.");
}
