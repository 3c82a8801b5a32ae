namespace Deutero.Data;

/// <summary>Writes molecules as dense graphs of one size: for each atom its bonds to the others, then what it is.</summary>
/// <remarks>
/// Row i of a graph of at most A atoms has A numbers that are 1 where atom i is bonded, then its features: the element as one of
/// <see cref="Elements"/> or another, its bonds, hydrogens, charge, aromaticity, double and triple bonds, and last a 1 that says that there is an atom.
/// </remarks>
public static class MoleculeGraph
{
    private static readonly List<string> s_elements = ["C", "N", "O", "S", "F", "Cl", "Br", "I", "P", "Na"];

    /// <summary>The elements that have a feature of their own.</summary>
    public static IReadOnlyList<string> Elements => s_elements;

    /// <summary>The features of an atom.</summary>
    public static int Features => Elements.Count + 9;

    /// <summary>Writes a molecule.</summary>
    /// <param name="molecule">The molecule; of one that is larger, the first atoms.</param>
    /// <param name="atoms">A, the most atoms.</param>
    /// <param name="destination">A rows of A + <see cref="Features"/> numbers.</param>
    public static void Write(Molecule molecule, int atoms, Span<float> destination)
    {
        destination.Clear();
        var width = atoms + Features;
        var (degree, doubles, triples) = (new int[molecule.Atoms.Count], new int[molecule.Atoms.Count], new int[molecule.Atoms.Count]);
        foreach (var bond in molecule.Bonds)
        {
            foreach (var (from, to) in ((int, int)[])[(bond.From, bond.To), (bond.To, bond.From)])
            {
                degree[from]++;
                doubles[from] += bond.Order == 2 ? 1 : 0;
                triples[from] += bond.Order == 3 ? 1 : 0;
                if (from < atoms && to < atoms)
                {
                    destination[(from * width) + to] = 1;
                }
            }
        }

        for (var place = 0; place < Math.Min(atoms, molecule.Atoms.Count); place++)
        {
            var atom = molecule.Atoms[place];
            var row = destination.Slice((place * width) + atoms, Features);
            var element = s_elements.IndexOf(atom.Symbol);
            row[element >= 0 ? element : Elements.Count] = 1;
            float[] further = [degree[place] / 4f, atom.Hydrogens / 4f, Math.Max(atom.Charge, 0), Math.Max(-atom.Charge, 0), atom.IsAromatic ? 1 : 0, doubles[place], triples[place], 1];
            further.CopyTo(row[(Elements.Count + 1)..]);
        }
    }
}
