namespace Deutero.Edge;

/// <summary>A class of a support set: its name and its examples.</summary>
/// <param name="Name">The name that predictions bear.</param>
/// <param name="Examples">At least one item, each with as many numbers as the model's <see cref="InputContract.ItemSize"/>.</param>
public sealed record SupportClass(string Name, IReadOnlyList<float[]> Examples);
