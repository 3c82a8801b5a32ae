using Deutero.Torch;

namespace Deutero.Data.Tests;

public sealed class MoleculeTests
{
    // Sum formulas from textbooks.
    [Theory]
    [InlineData("C", "CH4", 1, 0)]
    [InlineData("c1ccccc1", "C6H6", 6, 6)]
    [InlineData("CC(=O)Oc1ccccc1C(=O)O", "C9H8O4", 13, 13)] // aspirin
    [InlineData("CN1C=NC2=C1C(=O)N(C(=O)N2C)C", "C8H10N4O2", 14, 15)] // caffeine
    [InlineData("Cn1cnc2c1c(=O)n(C)c(=O)n2C", "C8H10N4O2", 14, 15)] // caffeine, aromatic
    [InlineData("c1cc[nH]c1", "C4H5N", 5, 5)] // pyrrole
    [InlineData("c1ccsc1", "C4H4S", 5, 5)] // thiophene
    [InlineData("CC(=O)[O-].[Na+]", "C2H3NaO2", 5, 3)]
    [InlineData("[NH4+].[Cl-]", "ClH4N", 2, 0)]
    [InlineData("C[N+](=O)[O-]", "CH3NO2", 4, 3)]
    [InlineData("CS(=O)(=O)C", "C2H6O2S", 5, 4)]
    [InlineData("C[C@]12CC[C@H]3[C@@H](CCC4=CC(=O)CC[C@]34C)[C@@H]1CC[C@@H]2O", "C19H28O2", 21, 24)] // testosterone
    [InlineData("F/C=C\\F", "C2H2F2", 4, 3)]
    [InlineData("C%12CCCCC%12", "C6H12", 6, 6)]
    [InlineData("N#Cc1ccccc1Br", "C7H4BrN", 9, 9)]
    [InlineData("O=P(O)(O)O", "H3O4P", 5, 4)]
    [InlineData("[13CH3][2H]", "CH4", 2, 1)]
    [InlineData("[Fe++]", "Fe", 1, 0)]
    public void Formula_atoms_and_bonds_are_those_of_the_substance(string smiles, string formula, int atoms, int bonds)
    {
        var molecule = Molecule.Parse(smiles);
        Assert.Equal((formula, atoms, bonds), (molecule.Formula, molecule.Atoms.Count, molecule.Bonds.Count));
    }

    [Fact]
    public void Charges_and_orders_are_read()
    {
        var molecule = Molecule.Parse("[Ca+2].[O--].C#N");
        Assert.Equal([2, -2, 0, 0], molecule.Atoms.Select(atom => atom.Charge));
        Assert.Equal([new(2, 3, 3)], molecule.Bonds);
        Assert.All(Molecule.Parse("c1ccccc1").Bonds, bond => Assert.Equal(1.5, bond.Order));
        Assert.Equal(1, Molecule.Parse("c1ccccc1-c1ccccc1").Bonds.Count(bond => bond.Order == 1));
    }

    [Theory]
    [InlineData("", "has no atoms at character 1")]
    [InlineData("C1CC", "does not close ring 1 at character 5")]
    [InlineData("C(C", "does not close a branch at character 4")]
    [InlineData("C)C", "closes a branch that is not open at character 2")]
    [InlineData("(C)", "begins with a branch at character 1")]
    [InlineData("CX", "has 'X' where an atom, a bond, a branch or a ring is expected at character 2")]
    [InlineData("[Na", "does not close a bracket at character 1")]
    [InlineData("[]", "has a bracket without an element at character 1")]
    [InlineData("[C?]", "has '?' in a bracket at character 1")]
    [InlineData("1CC", "has a ring number that belongs to no atom at character 1")]
    [InlineData("C11", "bonds an atom to itself at character 4")]
    [InlineData("C%1", "has a ring number that belongs to no atom at character 2")]
    [InlineData("CC=", "ends in a bond at character 4")]
    public void Wrong_smiles_are_refused_with_the_place(string smiles, string message) =>
        Assert.Equal($"The SMILES '{smiles}' {message}.", Assert.Throws<DataFormatException>(() => Molecule.Parse(smiles)).Message);

    // Counted by a pattern over the texts in another language: atoms of distinct SMILES, and molecules that rows disagree about.
    [Theory]
    [InlineData("tox21", 7_831, 145_459, 9, 3)]
    [InlineData("sider", 1_427, 48_006, 21, 6)]
    public void Molecules_are_merged_and_all_are_read(string name, int molecules, int atoms, int train, int test)
    {
        var data = MoleculeData.Open(name, TestData.Folder(DataSets.Molecules));
        Assert.Equal(molecules, data.Smiles.Distinct().Count());
        Assert.Equal(molecules, data.Graphs.Count);
        Assert.Equal(atoms, data.Graphs.Sum(graph => graph.Atoms.Count));
        Assert.Equal((train, test), (data.Train.Count, data.Test.Count));
        Assert.All(data.Train.Concat(data.Test), task => Assert.Empty(task.Actives.Intersect(task.Inactives)));
    }

    [Theory]
    [InlineData("tox21", "SR-HSE", 370, 6_095)]
    [InlineData("tox21", "SR-MMP", 913, 4_891)]
    [InlineData("tox21", "SR-p53", 420, 6_352)]
    [InlineData("sider", "Nervous system disorders", 1_304, 123)]
    public void Labels_on_which_rows_agree_are_kept(string name, string task, int actives, int inactives)
    {
        var found = MoleculeData.Open(name, TestData.Folder(DataSets.Molecules)).Test.Single(one => one.Name == task);
        Assert.Equal((actives, inactives), (found.Actives.Count, found.Inactives.Count));
    }

    // The environments of radius 0 to 2 of an atom give at most three bits; a molecule has at least one.
    [Fact]
    public void Fingerprints_fit_their_molecules()
    {
        var data = MoleculeData.Open("tox21", TestData.Folder(DataSets.Molecules));
        var bits = new float[MoleculeData.FingerprintBits];
        for (var i = 0; i < data.Smiles.Count; i++)
        {
            data.WriteFingerprint(i, bits);
            Assert.InRange(bits.Sum(), 1, 3 * data.Graphs[i].Atoms.Count);
        }
    }

    [Fact]
    public void Graph_has_bonds_both_ways_and_features_of_its_atoms()
    {
        var width = 4 + MoleculeGraph.Features;
        var values = new float[4 * width];
        MoleculeGraph.Write(Molecule.Parse("C[O-]"), 4, values);
        Assert.Equal((1f, 1f), (values[1], values[width]));
        Assert.Equal(2, values.Chunk(width).Sum(row => row[..4].Sum()));
        Assert.Equal([1f, 1, 0, 0], values.Chunk(width).Select(row => row[^1]));
        Assert.Equal(1, values[width + 4 + 2]); // oxygen
        Assert.Equal(1, values[width + 4 + MoleculeGraph.Elements.Count + 4]); // its negative charge
    }

    [Fact]
    public void Episodes_ask_about_all_other_molecules_and_label_1_is_the_property()
    {
        var data = MoleculeData.Open("sider", TestData.Folder(DataSets.Molecules));
        var task = data.Test[1];
        var episode = new MoleculeEpisodes(data, "test", [task]) { Shots = 10 }.Sample(Generator.Seed(1));
        Assert.Equal((20, 1_407), ((int)episode.Support.Count, (int)episode.Query.Count));
        Assert.Equal(task.Actives.Count - 10, episode.Query.Targets.ToArray<long>().Sum());
        Assert.Equal(10, episode.Support.Targets.ToArray<long>().Sum());
        var few = new MoleculeEpisodes(data, "test", [task]) { Shots = 10, MostQueries = 50, Atoms = 30 }.Sample(Generator.Seed(1));
        Assert.Equal([50L, 30, 30 + MoleculeGraph.Features], few.Query.Inputs.Shape);
    }
}
