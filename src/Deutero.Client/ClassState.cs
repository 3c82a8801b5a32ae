namespace Deutero.Client;

/// <summary>One class of an adaptation.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Examples">Its examples, in the order in which they were added.</param>
public sealed record ClassState(string Name, IReadOnlyList<ExampleState> Examples);
