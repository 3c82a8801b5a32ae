namespace Deutero.Data;

/// <summary>A bond between two atoms of a molecule.</summary>
/// <param name="From">The place of one atom.</param>
/// <param name="To">The place of the other.</param>
/// <param name="Order">1, 2, 3 or 4; 1.5 for an aromatic bond.</param>
public sealed record Bond(int From, int To, double Order);
