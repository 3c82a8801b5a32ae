using System.Globalization;
using System.IO.Compression;
using CsvHelper;

namespace Deutero.Data;

/// <summary>Molecules with what was measured of them, in tasks that are split into those for meta-training and those for the test.</summary>
/// <remarks>
/// A molecule that a file has several times counts once; where its rows disagree about a task, the molecule is left out of that task.
/// </remarks>
public sealed class MoleculeData
{
    /// <summary>The bits of a fingerprint.</summary>
    public const int FingerprintBits = 2048;

    private readonly int[][] _bits;

    private MoleculeData(string name, string[] smiles, int[][] bits, MoleculeTask[] tasks, int training)
    {
        (Name, Smiles, _bits) = (name, smiles, bits);
        (Train, Test) = (tasks[..training], tasks[training..]);
    }

    /// <summary>The names that <see cref="Open"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = ["tox21", "sider"];

    /// <summary>What the data are called.</summary>
    public string Name { get; }

    /// <summary>The molecules, each once.</summary>
    public IReadOnlyList<string> Smiles { get; }

    /// <summary>The tasks for meta-training: the first 9 of Tox21, the first 21 of SIDER (Altae-Tran et al., 2017).</summary>
    public IReadOnlyList<MoleculeTask> Train { get; }

    /// <summary>The tasks for the test: the last 3 of Tox21, the last 6 of SIDER.</summary>
    public IReadOnlyList<MoleculeTask> Test { get; }

    /// <summary>The graphs of the molecules, read when they are first asked for.</summary>
    public IReadOnlyList<Molecule> Graphs => field ??= [.. Smiles.Select(Molecule.Parse)];

    /// <summary>Opens a set of molecules.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="dataFolder">The folder with <c>molecules/</c>, or <see langword="null"/> to look in the usual places.</param>
    /// <exception cref="ArgumentException">The name is unknown; the message suggests the nearest.</exception>
    /// <exception cref="DataNotFoundException">The files are in none of the places.</exception>
    /// <exception cref="DataFormatException">A file is damaged.</exception>
    public static MoleculeData Open(string name, string? dataFolder = null)
    {
        if (!Names.Contains(name))
        {
            throw new ArgumentException(NearestName.Unknown("set of molecules", name, Names));
        }

        var (table, fingerprints) = ($"{name}.csv.gz", $"{name}_ecfp4.tsv.gz");
        var folder = DataLocation.Resolve(dataFolder).Find(DataSets.Molecules, [table, fingerprints]);
        var path = Path.Combine(folder, table);
        var (header, rows) = Read(path);
        var bits = ReadBits(Path.Combine(folder, fingerprints));
        var column = Array.IndexOf(header, "smiles");
        if (column < 0 || bits.Length != rows.Count)
        {
            throw new DataFormatException($"{path} has {rows.Count} rows, and {(column < 0 ? "no" : "a")} column smiles, where its fingerprints have {bits.Length}.");
        }

        var merged = Enumerable.Range(0, rows.Count).GroupBy(row => rows[row][column], StringComparer.Ordinal).ToArray();
        MoleculeTask[] tasks =
        [
            .. header.Index().Where(task => task.Item is not ("smiles" or "mol_id"))
                .Select(task => Task(task.Item, [.. merged.Select(group => Label([.. group.Select(row => rows[row][task.Index])], path))])),
        ];
        return new(name, [.. merged.Select(group => group.Key)], [.. merged.Select(group => bits[group.First()])], tasks, name == "tox21" ? 9 : 21);
    }

    /// <summary>Writes a molecule's fingerprint: extended connectivity of diameter 4, a 1 for each bit that is set.</summary>
    /// <param name="molecule">The place of the molecule.</param>
    /// <param name="destination"><see cref="FingerprintBits"/> numbers.</param>
    public void WriteFingerprint(int molecule, Span<float> destination)
    {
        destination.Clear();
        foreach (var bit in _bits[molecule])
        {
            destination[bit] = 1;
        }
    }

    private static MoleculeTask Task(string name, bool?[] labels) => new(
        name, [.. labels.Index().Where(label => label.Item == true).Select(label => label.Index)], [.. labels.Index().Where(label => label.Item == false).Select(label => label.Index)]);

    // What all rows that say something say; null where they disagree or none does.
    private static bool? Label(string[] cells, string path)
    {
        var said = cells.Where(cell => cell.Length > 0).Distinct().ToArray();
        return said is not [var only] ? null
            : only is "0" or "1" ? only == "1" : throw new DataFormatException($"{path} has the label '{only}' where 0, 1 or nothing is expected.");
    }

    private static (string[] Header, List<string[]> Rows) Read(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        using var parser = new CsvParser(reader, CultureInfo.InvariantCulture);
        try
        {
            var header = parser.Read() ? parser.Record! : throw new DataFormatException($"{path} is empty.");
            var rows = new List<string[]>();
            while (parser.Read())
            {
                rows.Add(parser.Record!.Length == header.Length ? parser.Record : throw new DataFormatException($"{path}, row {parser.Row} has {parser.Record.Length} cells, not {header.Length}."));
            }

            return (header, rows);
        }
        catch (Exception fault) when (fault is InvalidDataException or CsvHelperException)
        {
            throw new DataFormatException($"{path} is damaged.", fault);
        }
    }

    private static int[][] ReadBits(string path) =>
    [
        .. TabbedFile.Read(path, ["row", "ecfp4_2048_onbits"]).Select(cells => Array.ConvertAll(
            cells[1].Split(' ', StringSplitOptions.RemoveEmptyEntries),
            bit => int.TryParse(bit, CultureInfo.InvariantCulture, out var place) && place is >= 0 and < FingerprintBits
                ? place : throw new DataFormatException($"{path} has the bit '{bit}' where one below {FingerprintBits} is expected."))),
    ];
}
