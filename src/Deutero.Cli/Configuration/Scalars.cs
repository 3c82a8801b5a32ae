using System.Globalization;

namespace Deutero.Cli.Configuration;

/// <summary>Turns single values (numbers, truth values, texts, names) into .NET values.</summary>
internal static class Scalars
{
    /// <summary>What a message calls a value of that kind.</summary>
    public static string Expected(ValueShape shape) => shape.Kind switch
    {
        ValueKind.Boolean => "true or false",
        ValueKind.Integer => "an integer",
        ValueKind.Number => "a number",
        ValueKind.Text => "a string",
        ValueKind.List => "a list",
        ValueKind.Record => "an object",
        ValueKind.Choice => $"one of {string.Join(", ", shape.Choices)}",
        _ => "an object with a type",
    } + (shape.Nullable ? ", or null" : "");

    /// <summary>Reads a value.</summary>
    /// <param name="value">What was written.</param>
    /// <param name="shape">What it must be.</param>
    /// <param name="refusal">What is wrong with it, to follow the words "x is y".</param>
    /// <returns>The value, or null where it is refused.</returns>
    public static object? Read(SourceValue value, ValueShape shape, out string refusal)
    {
        refusal = $"expected {Expected(shape)}";
        return (shape.Kind, value.Kind) switch
        {
            (ValueKind.Boolean, SourceKind.Boolean) => value.Text == "true",
            (ValueKind.Text, SourceKind.Text) => value.Text,
            (ValueKind.Integer, SourceKind.Number) => Integer(value.Text, shape.Type, ref refusal),
            (ValueKind.Number, SourceKind.Number or SourceKind.Text) => Number(value, shape.Type, ref refusal),
            (ValueKind.Choice, SourceKind.Text) => Choice(value.Text, shape, ref refusal),
            _ => null,
        };
    }

    private static object? Integer(string digits, Type type, ref string refusal)
    {
        // 6e4 and 60000.0 are integers too; decimal tells them from 0.5 without rounding.
        if (!decimal.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            number = double.Parse(digits, CultureInfo.InvariantCulture) < 0 ? decimal.MinValue : decimal.MaxValue;
        }

        if (decimal.Truncate(number) != number)
        {
            return null;
        }

        var (least, most) = Range(type);
        if (number >= least && number <= most)
        {
            return Convert.ChangeType(number, type, CultureInfo.InvariantCulture);
        }

        refusal = $"it must be between {least} and {most}";
        return null;
    }

    private static (decimal Least, decimal Most) Range(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Int32 => (int.MinValue, int.MaxValue),
        TypeCode.UInt32 => (uint.MinValue, uint.MaxValue),
        TypeCode.UInt64 => (ulong.MinValue, ulong.MaxValue),
        _ => (long.MinValue, long.MaxValue),
    };

    private static object? Number(SourceValue value, Type type, ref string refusal)
    {
        var isSingle = type == typeof(float);
        if (value.Kind == SourceKind.Text)
        {
            return NotFinite(value.Text) is { } special ? Convert.ChangeType(special, type) : null;
        }

        // Read at the width of the property: by way of a double, a number could be rounded twice.
        var number = isSingle
            ? float.Parse(value.Text, CultureInfo.InvariantCulture)
            : double.Parse(value.Text, CultureInfo.InvariantCulture);
        if (double.IsFinite(number))
        {
            return Convert.ChangeType(number, type);
        }

        var most = isSingle ? float.MaxValue.ToString("R") : double.MaxValue.ToString("R");
        refusal = $"it must be between -{most} and {most}";
        return null;
    }

    // JSON has no word for these; a default may be one of them, and an effective configuration must be readable again.
    private static double? NotFinite(string text) => text switch
    {
        "Infinity" => double.PositiveInfinity,
        "-Infinity" => double.NegativeInfinity,
        "NaN" => double.NaN,
        _ => null,
    };

    private static object? Choice(string text, ValueShape shape, ref string refusal)
    {
        var folded = Spelling.Folded(text);
        var name = Enum.GetNames(shape.Type).FirstOrDefault(name => Spelling.Folded(name) == folded);
        if (name is not null)
        {
            return Enum.Parse(shape.Type, name);
        }

        refusal = Spelling.Suggestion(text, shape.Choices);
        return null;
    }
}
