namespace Deutero.Data;

/// <summary>A molecule as a graph of atoms and bonds.</summary>
/// <param name="Atoms">The atoms, in the order of the text.</param>
/// <param name="Bonds">The bonds, each once.</param>
public sealed record Molecule(IReadOnlyList<Atom> Atoms, IReadOnlyList<Bond> Bonds)
{
    /// <summary>Reads a molecule from SMILES: atoms, bonds, branches, rings, aromaticity, charges, hydrogens and parts separated by dots.</summary>
    /// <remarks>Isotopes, stereochemistry and atom classes are read over.</remarks>
    /// <param name="smiles">The text, for example <c>CC(=O)Oc1ccccc1C(=O)O</c>.</param>
    /// <exception cref="DataFormatException">It is no SMILES; the message says where.</exception>
    public static Molecule Parse(string smiles) => new SmilesReader(smiles).Read();

    /// <summary>The sum formula in Hill's order: carbon, hydrogen, then the others by name.</summary>
    public string Formula
    {
        get
        {
            var counts = Atoms.GroupBy(atom => atom.Symbol).ToDictionary(group => group.Key, group => group.Count());
            counts["H"] = counts.GetValueOrDefault("H") + Atoms.Sum(atom => atom.Hydrogens);
            return string.Concat(counts.Where(element => element.Value > 0)
                .OrderBy(element => !counts.ContainsKey("C") ? 2 : element.Key == "C" ? 0 : element.Key == "H" ? 1 : 2).ThenBy(element => element.Key, StringComparer.Ordinal)
                .Select(element => element.Key + (element.Value > 1 ? $"{element.Value}" : "")));
        }
    }
}
