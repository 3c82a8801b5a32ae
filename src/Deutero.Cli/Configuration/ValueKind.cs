namespace Deutero.Cli.Configuration;

/// <summary>What a property can hold, as far as a configuration is concerned.</summary>
internal enum ValueKind
{
    Boolean,
    Integer,
    Number,
    Text,

    /// <summary>One name of an enum.</summary>
    Choice,
    List,

    /// <summary>A record of a known type.</summary>
    Record,

    /// <summary>An interface or an abstract record: any record that is one, chosen by its name.</summary>
    Slot,
}
