using System.Text;
using Deutero.Torch;
using Deutero.Torch.Distributed;
using Deutero.Torch.Serialization;

namespace Deutero.Cli.Runs;

/// <summary>The processes of a run as the command sees them: one, or those that a launcher, torchrun, Slurm or Kubernetes started.</summary>
public sealed class Ranks : IDisposable
{
    /// <summary>The counter of checkpoints in the store: by it the launcher sees whether a run gets on.</summary>
    internal const string SavesKey = "deutero/saves";

    private readonly RankEnvironment? _environment = RankEnvironment.Read();
    private CancellationTokenSource? _cancellation;

    private Ranks()
    {
    }

    /// <summary>The processes; null where this one is alone.</summary>
    public ProcessGroup? Group { get; private set; }

    /// <summary>Whether this process writes files and prints results.</summary>
    public bool IsFirst => _environment is not { Rank: > 0 };

    /// <summary>Whether the processes were started again after one of them was lost.</summary>
    public bool IsRestarted => _environment is { Attempt: > 0 };

    /// <summary>The threads of a process whose settings leave them open: its share of the machine's cores.</summary>
    public int Threads => Math.Max(1, Environment.ProcessorCount / (_environment?.LocalWorldSize ?? 1));

    /// <summary>Where progress is written.</summary>
    public TextWriter Progress => IsFirst ? Console.Error : TextWriter.Null;

    /// <summary>Joins the other processes that the environment speaks of.</summary>
    /// <param name="configuration">What this process will do.</param>
    /// <param name="cancellation">Asks this process to stop.</param>
    /// <param name="linked">Cancelled when any of the processes, or the launcher, is asked to stop.</param>
    /// <exception cref="ArgumentException">The environment is wrong, or another process has another configuration.</exception>
    /// <exception cref="DistributedException">The processes did not meet.</exception>
    public static Ranks Join(RunConfiguration configuration, CancellationToken cancellation, out CancellationToken linked)
    {
        var ranks = new Ranks();
        linked = cancellation;
        if (ranks._environment is { } environment)
        {
            ranks.Group = ProcessGroup.Join(environment);
            ranks._cancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellation, ranks.Group.Stopping);
            linked = ranks._cancellation.Token;
            RequireAgreement(ranks.Group, configuration);
        }

        return ranks;
    }

    /// <summary>Tells the launcher, if there is one, that a checkpoint was written.</summary>
    public void Saved()
    {
        try
        {
            Group?.Store.Add(SavesKey, 1);
        }
        catch (DistributedException)
        {
            // The launcher is gone; the checkpoint is there for whoever starts again.
        }
    }

    /// <summary>Parameters that the first process reads, in all of them: the others need no access to its files.</summary>
    /// <param name="read">Reads them.</param>
    public Parameters FromFirst(Func<Parameters> read)
    {
        if (Group is null)
        {
            return read();
        }

        var buffer = new MemoryStream();
        if (IsFirst)
        {
            SafetensorsParameters.Save(buffer, read());
        }

        return SafetensorsParameters.Load(new MemoryStream(Group.Broadcast(buffer.ToArray()))).Parameters;
    }

    /// <summary>A text that the first process has, in all of them.</summary>
    /// <param name="text">Makes it.</param>
    public string FromFirst(Func<string> text) =>
        Group is null ? text() : Encoding.UTF8.GetString(Group.Broadcast(IsFirst ? Encoding.UTF8.GetBytes(text()) : []));

    /// <inheritdoc/>
    public void Dispose()
    {
        _cancellation?.Dispose();
        Group?.Dispose();
    }

    // Every machine may have its data elsewhere; everything else must be the same.
    private static void RequireAgreement(ProcessGroup group, RunConfiguration configuration)
    {
        var hashes = group.AllGather(Encoding.UTF8.GetBytes(Run.Schema.Hash(configuration with { Data = configuration.Data with { Folder = "" } })));
        var other = hashes.ToList().FindIndex(hash => !hash.AsSpan().SequenceEqual(hashes[0]));
        if (other > 0)
        {
            throw new ArgumentException($"Rank {other} was started with other settings than rank 0: all processes of a run need the same.");
        }
    }
}
