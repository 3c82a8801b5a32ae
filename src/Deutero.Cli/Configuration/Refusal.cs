using System.Text.RegularExpressions;

namespace Deutero.Cli.Configuration;

/// <summary>Says in a configuration's words what a record's init setter said in .NET's.</summary>
internal static partial class Refusal
{
    /// <summary>What the value must be, to follow the words "x is y;".</summary>
    /// <param name="refused">What the setter threw.</param>
    /// <param name="property">The property's name, which the message may begin with.</param>
    public static string Sentence(ArgumentException refused, string property)
    {
        // .NET appends " (Parameter 'x')" and, on a line of its own, "Actual value was y.".
        var message = Appended().Replace(refused.Message, "").Trim().TrimEnd('.');
        var must = Must().Match(message);
        if (must.Success && IsSubject(must.Groups["subject"].Value, property))
        {
            message = $"it must {must.Groups["rest"].Value}";
        }

        else if (Found().Match(message) is { Success: true } found && IsSubject(found.Groups["subject"].Value, property))
        {
            message = found.Groups["rest"].Value;
        }

        message = message
            .Replace("greater than or equal to", "at least", StringComparison.Ordinal)
            .Replace("less than or equal to", "at most", StringComparison.Ordinal);
        return Spelling.Printable(QuotedNumber().Replace(message, "$1"));
    }

    // "Steps", "steps", "value", "Steps ('-1')", "Steps is -1; it" ...
    private static bool IsSubject(string subject, string property) =>
        subject.StartsWith(property, StringComparison.OrdinalIgnoreCase)
        || subject.StartsWith("value", StringComparison.OrdinalIgnoreCase)
        || subject.Equals("it", StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@"\s*(\(Parameter '[^']*'\))?\s*(\r?\nActual value was [\s\S]*)?$", RegexOptions.None, 1000)]
    private static partial Regex Appended();

    [GeneratedRegex(@"^(?<subject>\S.*?) must (?<rest>.+)$", RegexOptions.Singleline, 1000)]
    private static partial Regex Must();

    [GeneratedRegex(@"^(?<subject>\S+) is [^;]*; (?<rest>.+)$", RegexOptions.Singleline, 1000)]
    private static partial Regex Found();

    [GeneratedRegex(@"'(-?[0-9.]+)'", RegexOptions.None, 1000)]
    private static partial Regex QuotedNumber();
}
