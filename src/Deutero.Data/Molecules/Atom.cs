namespace Deutero.Data;

/// <summary>An atom of a molecule; hydrogens are counted at the atom that bears them, unless they are written as atoms of their own.</summary>
/// <param name="Symbol">The element, for example <c>C</c> or <c>Cl</c>; <c>*</c> for any.</param>
/// <param name="IsAromatic">Whether it was written as aromatic.</param>
/// <param name="Charge">Its formal charge.</param>
/// <param name="Hydrogens">The hydrogens that it bears.</param>
public sealed record Atom(string Symbol, bool IsAromatic, int Charge, int Hydrogens);
