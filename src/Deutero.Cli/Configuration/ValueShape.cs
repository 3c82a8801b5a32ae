namespace Deutero.Cli.Configuration;

/// <summary>What a property, or an element of a list, can hold.</summary>
/// <param name="Kind">The kind of value.</param>
/// <param name="Type">The .NET type, without <c>Nullable</c>.</param>
/// <param name="Nullable">Whether null is a value.</param>
/// <param name="Element">For lists, what an element can hold.</param>
internal sealed record ValueShape(ValueKind Kind, Type Type, bool Nullable, ValueShape? Element = null)
{
    /// <summary>The names of an enum, in order of declaration.</summary>
    public IReadOnlyList<string> Choices => [.. Enum.GetNames(Type).Select(Spelling.Name)];
}
