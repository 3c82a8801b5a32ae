namespace Deutero.Cli.Configuration;

/// <summary>A configuration that cannot be used; the message has one sentence per mistake, one a line.</summary>
public sealed class ConfigurationException : Exception
{
    /// <summary>Makes an exception with no mistake named.</summary>
    public ConfigurationException()
        : this(["The configuration cannot be used."])
    {
    }

    /// <summary>Makes an exception for one mistake.</summary>
    /// <param name="message">One sentence that names what was found and what was expected.</param>
    public ConfigurationException(string message)
        : this([message])
    {
    }

    /// <summary>Makes an exception for one mistake that another exception revealed.</summary>
    /// <param name="message">One sentence that names what was found and what was expected.</param>
    /// <param name="innerException">What revealed it.</param>
    public ConfigurationException(string message, Exception innerException)
        : base(message, innerException) =>
        Errors = [message];

    /// <summary>Makes an exception for all mistakes of a configuration.</summary>
    /// <param name="errors">One sentence per mistake, in the order of the file, then of the command line.</param>
    public ConfigurationException(IReadOnlyList<string> errors)
        : base(string.Join('\n', errors)) =>
        Errors = errors;

    /// <summary>One sentence per mistake.</summary>
    public IReadOnlyList<string> Errors { get; }
}
