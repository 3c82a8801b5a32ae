namespace Deutero.Data;

/// <summary>A property of molecules that was measured of some of them.</summary>
/// <param name="Name">Its name, for example <c>SR-MMP</c>.</param>
/// <param name="Actives">The molecules that have it.</param>
/// <param name="Inactives">The molecules that have it not.</param>
public sealed record MoleculeTask(string Name, IReadOnlyList<int> Actives, IReadOnlyList<int> Inactives);
