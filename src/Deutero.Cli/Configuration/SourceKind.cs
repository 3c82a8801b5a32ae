namespace Deutero.Cli.Configuration;

/// <summary>What a configured value was written as.</summary>
internal enum SourceKind
{
    Null,
    Boolean,
    Number,
    Text,
    List,
    Object,

    /// <summary>Text of a <c>--set</c>, which gets its meaning only from the type of the property that it is meant for.</summary>
    Argument,
}
