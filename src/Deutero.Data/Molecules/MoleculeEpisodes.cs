using System.Globalization;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Data;

/// <summary>Few-shot episodes of molecules: K that have a property and K that have it not, and whether others have it (Altae-Tran et al., 2017).</summary>
/// <remarks>Label 1 is the property in every task, so that a learner may know that it is. Episodes are scored by the area under the ROC curve.</remarks>
/// <param name="Data">The molecules.</param>
/// <param name="Split">What the tasks are for, in the episodes' name: train or test.</param>
/// <param name="Tasks">The properties.</param>
public sealed record MoleculeEpisodes(MoleculeData Data, string Split, IReadOnlyList<MoleculeTask> Tasks) : ITaskDistribution
{
    /// <summary>Molecules of the support set that have the property, and as many that have it not, at least 1; default 10.</summary>
    public int Shots { get; init => field = AtLeast(value, 1, nameof(Shots)); } = 10;

    /// <summary>Molecules of the query set that have the property, and as many that have it not; 0 for all that are not in the support set; default 0.</summary>
    public int Queries { get; init => field = AtLeast(value, 0, nameof(Queries)); }

    /// <summary>Of all that are not in the support set, the most that are asked, drawn at random, at least 2; 0 for no bound; default 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One: the ROC curve needs a molecule of each kind.</exception>
    public int MostQueries { get; init => field = value == 1 ? throw new ArgumentOutOfRangeException(nameof(MostQueries), value, $"{nameof(MostQueries)} must be 0 or at least 2.") : AtLeast(value, 0, nameof(MostQueries)); }

    /// <summary>The atoms of a graph (<see cref="MoleculeGraph"/>); 0 for fingerprints; default 0.</summary>
    public int Atoms { get; init => field = AtLeast(value, 0, nameof(Atoms)); }

    /// <inheritdoc/>
    public string Name => $"{Data.Name}/{Split} {Shots}-shot {(Queries > 0 ? $"{Queries}-query" : MostQueries > 0 ? $"{MostQueries} others" : "all others")}";

    /// <inheritdoc/>
    public Metric Metric => Metric.RocAuc;

    /// <summary>The shape of one input: <c>[2048]</c>, or <c>[atoms, atoms + features]</c>.</summary>
    public IReadOnlyList<long> ItemShape => Atoms > 0 ? [Atoms, Atoms + MoleculeGraph.Features] : [MoleculeData.FingerprintBits];

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A task has too few molecules; the message names it.</exception>
    public Episode Sample(Generator random)
    {
        var task = Tasks[random.Next(Tasks.Count)];
        var needed = Shots + Math.Max(1, Queries);
        if (task.Actives.Count < needed || task.Inactives.Count < needed)
        {
            throw new ArgumentException(
                $"{task.Name} of {Data.Name} has {task.Actives.Count} molecules with the property and {task.Inactives.Count} without, but an episode needs {needed} of each.");
        }

        var (with, without) = (Shuffled(task.Actives, random), Shuffled(task.Inactives, random));
        var support = Chosen(without[..Shots], with[..Shots]);
        var query = Queries > 0 ? Chosen(without[Shots..(Shots + Queries)], with[Shots..(Shots + Queries)]) : Chosen(without[Shots..], with[Shots..]);
        if (Queries == 0 && MostQueries > 0 && query.Length > MostQueries)
        {
            // One of each at least, so that there is a curve; Chosen puts those without the property first.
            var order = random.Choose(query.Length - 2, query.Length - 2).Select(place => query[place + 1]).Take(MostQueries - 2);
            query = [query[0], .. order, query[^1]];
        }

        return new(Gather(support), Gather(query), Identity(task, without[..Shots], with[..Shots], query));
    }

    private static int AtLeast(int value, int least, string name) =>
        value >= least ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} must be at least {least}.");

    private static int[] Shuffled(IReadOnlyList<int> molecules, Generator random) =>
        Array.ConvertAll(random.Choose(molecules.Count, molecules.Count), place => molecules[place]);

    private static (int Molecule, long Label)[] Chosen(int[] without, int[] with) =>
        [.. without.Select(molecule => (molecule, 0L)), .. with.Select(molecule => (molecule, 1L))];

    // All others need no list: they follow from the support set.
    private string Identity(MoleculeTask task, int[] without, int[] with, (int Molecule, long Label)[] query)
    {
        var asked = Queries == 0 && MostQueries == 0 ? "others" : string.Join(',', query.Select(one => one.Molecule.ToString(CultureInfo.InvariantCulture)));
        return $"{task.Name}:{string.Join(',', without)},{string.Join(',', with)}|{asked}";
    }

    private Examples Gather((int Molecule, long Label)[] chosen)
    {
        var size = checked((int)ItemShape.Aggregate(1L, (product, side) => product * side));
        var values = new float[chosen.Length * size];
        for (var row = 0; row < chosen.Length; row++)
        {
            var destination = values.AsSpan(row * size, size);
            if (Atoms > 0)
            {
                MoleculeGraph.Write(Data.Graphs[chosen[row].Molecule], Atoms, destination);
            }
            else
            {
                Data.WriteFingerprint(chosen[row].Molecule, destination);
            }
        }

        return new(Tensor.Share(values, [chosen.Length, .. ItemShape]), Tensor.Share(Array.ConvertAll(chosen, one => one.Label)), Ways: 2);
    }
}
