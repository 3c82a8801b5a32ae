using System.Globalization;
using System.Text.RegularExpressions;

namespace Deutero.Training;

/// <summary>Amounts of memory as people write them: <c>2GiB</c>, <c>500MB</c>.</summary>
public static partial class ByteSize
{
    private static readonly string[] s_units = ["B", "KB", "MB", "GB", "TB"];

    /// <summary>Reads an amount: a positive number and B, kB, MB, GB or TB (powers of 1,000) or KiB, MiB, GiB or TiB (powers of 1,024).</summary>
    /// <param name="text">The amount; the case of letters does not matter.</param>
    /// <param name="bytes">Bytes, at least 1; 0 where the text is no such amount.</param>
    /// <returns>Whether the text is such an amount.</returns>
    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        var parts = Amount().Match(text);
        if (!parts.Success)
        {
            return false;
        }

        var exponent = Array.IndexOf(s_units, parts.Groups["unit"].Value.ToUpperInvariant().Replace("I", "", StringComparison.Ordinal));
        var amount = double.Parse(parts.Groups["number"].Value, CultureInfo.InvariantCulture) * Math.Pow(parts.Groups["binary"].Success ? 1024 : 1000, exponent);
        bytes = amount is >= 1 and < long.MaxValue ? (long)amount : 0;
        return bytes > 0;
    }

    /// <summary>Writes an amount in MiB below 10 GiB and in GiB above, for messages.</summary>
    /// <param name="bytes">Bytes.</param>
    public static string Format(long bytes) => bytes < 10L << 30
        ? string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(bytes / 1048576.0):F0} MiB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1073741824.0:F1} GiB");

    [GeneratedRegex(@"^\s*(?<number>[0-9]{1,18}(\.[0-9]{1,18})?)\s*(?<unit>[KMGT](?<binary>i)?B|B)\s*$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Amount();
}
