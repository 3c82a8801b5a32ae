using System.Globalization;
using System.Text;

namespace Deutero.Torch.Serialization;

/// <summary>Content that is not a valid safetensors file, or that such a file cannot hold.</summary>
/// <remarks>The message is one sentence that names what was found and what was expected.</remarks>
public sealed class SafetensorsException : FormatException
{
    private const int LongestQuote = 60;

    /// <summary>An exception with a general message.</summary>
    public SafetensorsException()
        : base("The content is not a valid safetensors file.")
    {
    }

    /// <summary>An exception with a message.</summary>
    /// <param name="message">One sentence: what was found and what was expected.</param>
    public SafetensorsException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with a message and its cause.</summary>
    /// <param name="message">One sentence: what was found and what was expected.</param>
    /// <param name="innerException">What led to it.</param>
    public SafetensorsException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    // Names come from untrusted files: a message stays one line of bounded length whatever they hold.
    internal static string Quote(string text)
    {
        var quoted = new StringBuilder("'");
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, LongestQuote)))
        {
            if (char.IsControl(c) || char.IsSurrogate(c) || c is '\u2028' or '\u2029')
            {
                quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
            else
            {
                quoted.Append(c);
            }
        }

        return quoted.Append(text.Length > LongestQuote ? "...'" : "'").ToString();
    }
}
