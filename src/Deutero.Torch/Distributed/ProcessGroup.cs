using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Deutero.Torch.Native;

namespace Deutero.Torch.Distributed;

/// <summary>The processes of a run, and what they compute together: c10d's collectives over Gloo, in host memory.</summary>
/// <remarks>
/// Every process calls the same collectives in the same order, from one thread at a time. The same number of processes gives the same bits.
/// A process that ends is noticed at once, one that hangs or whose machine vanished within five seconds.
/// </remarks>
public sealed class ProcessGroup : IDisposable
{
    private const long SliceMilliseconds = 100;

    // PyTorch's: what one rank may compute while the others wait for it.
    private static readonly TimeSpan s_longestStep = TimeSpan.FromMinutes(30);

    private readonly Store _store;
    private readonly Heartbeat? _heartbeat;
    private nint _group;
    private bool _abandoned;

    private ProcessGroup(RankEnvironment environment, Store store)
    {
        (Rank, Size, _store) = (environment.Rank, environment.WorldSize, store);
        var prefix = $"deutero/{environment.Attempt}/";
        try
        {
            // A connection of its own: while this one waits for a key, it does nothing else.
            _heartbeat = new Heartbeat(Store.Connect(environment.MasterAddress, environment.MasterPort, environment.JoinTimeout), prefix, Rank, Size);
            Meet(prefix, environment.JoinTimeout);
            _heartbeat.Watch();
            _group = Connect(prefix, AddressTowards(environment.MasterAddress, environment.MasterPort));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private enum Collective : long
    {
        AllReduce,
        Broadcast,
        AllGather,
        AllToAll,
        Barrier,
    }

    /// <summary>This process, in <c>[0, Size)</c>.</summary>
    public int Rank { get; }

    /// <summary>The number of processes.</summary>
    public int Size { get; }

    /// <summary>The store through which the processes met.</summary>
    public Store Store => _store;

    /// <summary>Cancelled when <see cref="RequestStop"/> was called in any process that reaches the store.</summary>
    public CancellationToken Stopping => _heartbeat!.Stopping;

    /// <summary>Joins a run: waits until all its processes are there, and connects to them.</summary>
    /// <param name="environment">Which process this is, and where the others are.</param>
    /// <exception cref="DistributedException">The store cannot be hosted or reached, or the processes do not meet in time or disagree about their number.</exception>
    public static ProcessGroup Join(RankEnvironment environment)
    {
        var hosts = environment.Rank == 0 && !environment.LauncherHostsStore;
        var store = hosts
            ? Store.Host(environment.MasterPort, environment.JoinTimeout)
            : Store.Connect(environment.MasterAddress, environment.MasterPort, environment.JoinTimeout);
        return new(environment, store);
    }

    /// <summary>Asks the processes that met in a store to save and stop.</summary>
    /// <param name="store">The store.</param>
    /// <exception cref="DistributedException">The store is gone.</exception>
    public static void RequestStop(Store store) => store.Add(Heartbeat.StopKey, 1);

    /// <summary>Whether the work of an index, such as an episode's place in a meta-batch, is this process's: they are dealt out in turn.</summary>
    /// <param name="index">At least 0.</param>
    public bool Owns(int index) => index % Size == Rank;

    /// <summary>The sum over all processes.</summary>
    /// <param name="tensor">Of one shape and element type in all processes.</param>
    /// <exception cref="DistributedException">A process was lost.</exception>
    public Tensor AllReduce(Tensor tensor) => Run(Collective.AllReduce, tensor).To(tensor.Device);

    /// <summary>The sums over all processes of several tensors, in one message.</summary>
    /// <param name="tensors">Of one element type, and of the same shapes in all processes.</param>
    /// <exception cref="DistributedException">A process was lost.</exception>
    public IReadOnlyList<Tensor> AllReduce(IReadOnlyList<Tensor> tensors)
    {
        using var scope = new TensorScope();
        var bucket = AllReduce(Tensor.Cat([.. tensors.Select(tensor => tensor.Reshape([-1]))]));
        var (sums, offset) = (new List<Tensor>(), 0L);
        foreach (var tensor in tensors)
        {
            sums.Add(scope.Keep(bucket.Narrow(0, offset, tensor.Count).Reshape(tensor.Sizes)));
            offset += tensor.Count;
        }

        return sums;
    }

    /// <summary>The tensors of all processes, shape <c>[Size, ...]</c>, by rank.</summary>
    /// <param name="tensor">Of one shape and element type in all processes.</param>
    /// <exception cref="DistributedException">A process was lost.</exception>
    public Tensor AllGather(Tensor tensor) => Run(Collective.AllGather, tensor).To(tensor.Device);

    /// <summary>Row i goes to process i; returns the rows that all processes had for this one, by rank.</summary>
    /// <param name="tensor">Shape <c>[Size, ...]</c>, the same in all processes.</param>
    /// <exception cref="DistributedException">A process was lost.</exception>
    public Tensor AllToAll(Tensor tensor) => Run(Collective.AllToAll, tensor).To(tensor.Device);

    /// <summary>One process's tensor.</summary>
    /// <param name="tensor">The tensor there; elsewhere one of its shape and element type.</param>
    /// <param name="root">The process that has it.</param>
    /// <exception cref="DistributedException">A process was lost.</exception>
    public Tensor Broadcast(Tensor tensor, int root = 0) => Run(Collective.Broadcast, tensor, root).To(tensor.Device);

    /// <summary>One process's bytes.</summary>
    /// <param name="bytes">The bytes there; ignored elsewhere.</param>
    /// <param name="root">The process that has them.</param>
    /// <exception cref="DistributedException">A process was lost.</exception>
    public byte[] Broadcast(byte[] bytes, int root = 0)
    {
        using var scope = new TensorScope();
        var length = Broadcast(Tensor.From([(long)bytes.Length]), root).ToArray<long>()[0];
        return Broadcast(Tensor.From(Rank == root ? bytes : new byte[length]), root).ToArray<byte>();
    }

    /// <summary>The bytes of all processes, by rank.</summary>
    /// <param name="bytes">This process's, of any length.</param>
    /// <exception cref="DistributedException">A process was lost.</exception>
    public IReadOnlyList<byte[]> AllGather(byte[] bytes)
    {
        using var scope = new TensorScope();
        var lengths = AllGather(Tensor.From([(long)bytes.Length])).ToArray<long>();
        var padded = new byte[lengths.Max()];
        bytes.CopyTo(padded, 0);
        var rows = AllGather(Tensor.From(padded)).ToArray<byte>();
        return [.. lengths.Select((length, rank) => rows.AsSpan(rank * padded.Length, (int)length).ToArray())];
    }

    /// <summary>Waits until all processes are here.</summary>
    /// <exception cref="DistributedException">A process was lost.</exception>
    public void Barrier() => Wait(Start(Collective.Barrier, null, 0), nameof(Collective.Barrier));

    /// <inheritdoc/>
    public void Dispose()
    {
        // A collective that was given up still runs on a thread of libtorch, which its group would wait for: it goes with the process.
        if (_group != 0 && !_abandoned)
        {
            NativeMethods.deutero_group_free(_group);
            _group = 0;
        }

        _heartbeat?.Dispose();
        _store.Dispose();
    }

    private Tensor Run(Collective kind, Tensor tensor, int root = 0)
    {
        using var host = tensor.Device == Device.Cpu ? null : tensor.To(Device.Cpu);
        var work = Start(kind, host ?? tensor, root);
        Wait(work, kind.ToString());
        var status = NativeMethods.deutero_work_result(work, out var result);
        NativeMethods.deutero_work_free(work);
        NativeMethods.Check(status, kind.ToString());
        return new Tensor(result);
    }

    private nint Start(Collective kind, Tensor? tensor, int root)
    {
        ObjectDisposedException.ThrowIf(_group == 0, this);
        NativeMethods.Check(NativeMethods.deutero_group_start(_group, (long)kind, tensor?.Pointer ?? 0, root, out var work), kind.ToString());
        GC.KeepAlive(tensor);
        return work;
    }

    private void Wait(nint work, string collective)
    {
        for (var done = 0; done == 0;)
        {
            if (NativeMethods.deutero_work_wait(work, SliceMilliseconds, out done) != 0)
            {
                throw Loss(collective, Reason(NativeMethods.LastError()));
            }

            if (done == 0 && _heartbeat?.Lost is { } reason)
            {
                _abandoned = true;
                throw Loss(collective, reason);
            }
        }
    }

    private DistributedException Loss(string collective, string reason) =>
        new($"Rank {Rank} of {Size} lost another rank during {collective}: {reason}.", peerLost: true);

    // Gloo begins its messages with the place in its source.
    private static string Reason(string message)
    {
        var line = message.Trim().Split('\n')[0];
        return line[(line.IndexOf("] ", StringComparison.Ordinal) is var end and >= 0 ? end + 2 : 0)..].TrimEnd('.', ' ');
    }

    private void Meet(string prefix, TimeSpan timeout)
    {
        if (_store.Add($"{prefix}joined/{Rank}", 1) > 1)
        {
            throw new DistributedException($"Two processes have RANK {Rank}: every process of a run needs a rank of its own.");
        }

        _store.Set($"{prefix}size/{Rank}", $"{Size}");
        var watch = Stopwatch.StartNew();
        for (var rank = 0; rank < Size; rank++)
        {
            if (!_store.Wait($"{prefix}size/{rank}", timeout - watch.Elapsed))
            {
                var missing = Enumerable.Range(0, Size).Where(other => !_store.Has($"{prefix}size/{other}")).ToArray();
                throw new DistributedException(
                    $"{Size - missing.Length} of {Size} ranks came within {timeout.TotalSeconds:0} s; missing: {string.Join(", ", missing.Take(8))}.");
            }

            var size = _store.Get($"{prefix}size/{rank}");
            if (size != $"{Size}")
            {
                throw new DistributedException($"Rank {rank} has WORLD_SIZE {size} but rank {Rank} has {Size}: all processes of a run need the same.");
            }
        }
    }

    // On a thread of its own, for a rank that is lost meanwhile would be waited for in vain.
    private nint Connect(string prefix, string address)
    {
        var opening = Task.Factory.StartNew(
            () => _store.OpenGroup(prefix + "gloo", Rank, Size, address, s_longestStep), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        while (!Task.WaitAny([opening], (int)SliceMilliseconds).Equals(0))
        {
            if (_heartbeat?.Lost is { } reason)
            {
                _abandoned = true;
                throw Loss("connecting", reason);
            }
        }

        return opening.GetAwaiter().GetResult();
    }

    // The address that the others can reach this machine by is the one it would reach the master from; a host name often leads to a loopback.
    private static string AddressTowards(string host, int port)
    {
        using var socket = new UdpClient();
        socket.Connect(host, port); // sends nothing
        return ((IPEndPoint)socket.Client.LocalEndPoint!).Address.ToString();
    }
}
