namespace Deutero.Cli.Configuration;

/// <summary>A record that can fill a slot.</summary>
/// <param name="Name">Its name in a configuration, for example <c>maml</c>.</param>
/// <param name="Type">The record.</param>
public sealed record NamedType(string Name, Type Type);
