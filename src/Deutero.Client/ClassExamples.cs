namespace Deutero.Client;

/// <summary>Examples of one class.</summary>
/// <param name="Name">The name of the class, 1 to 100 characters.</param>
/// <param name="Examples">At least one example.</param>
public sealed record ClassExamples(string Name, IReadOnlyList<Item> Examples);
