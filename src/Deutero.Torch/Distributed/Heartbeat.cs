using System.Diagnostics;

namespace Deutero.Torch.Distributed;

/// <summary>Tells the store that this rank lives, and watches the next rank: a machine that vanished or a process that was stopped closes no socket.</summary>
/// <remarks>Each rank watches one other, so that the store's load grows with the ranks and not with their square.</remarks>
internal sealed class Heartbeat : IDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(4);

    private readonly Store _store;
    private readonly string _prefix;
    private readonly int _rank;
    private readonly int _next;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ManualResetEventSlim _ended = new();
    private readonly Thread _thread;
    private volatile string? _lost;
    private volatile bool _watching;

    internal Heartbeat(Store store, string prefix, int rank, int size)
    {
        (_store, _prefix, _rank, _next) = (store, prefix, rank, (rank + 1) % size);
        _thread = new Thread(Beat) { IsBackground = true, Name = "heartbeat" };
        _thread.Start();
    }

    /// <summary>Why the run cannot go on, as the end of a sentence; null while all is well.</summary>
    internal string? Lost => _lost;

    /// <summary>Cancelled when the launcher asks all ranks to save and stop.</summary>
    internal CancellationToken Stopping => _stopping.Token;

    /// <summary>Begins to watch the next rank, which must beat by now.</summary>
    internal void Watch() => _watching = true;

    public void Dispose()
    {
        _ended.Set();
        _thread.Join();
        _store.Dispose();
        _stopping.Dispose();
        _ended.Dispose();
    }

    private void Beat()
    {
        var (last, since) = (-1L, Stopwatch.StartNew());
        try
        {
            do
            {
                _store.Add($"{_prefix}beat/{_rank}", 1);
                if (_store.Add(StopKey, 0) > 0)
                {
                    _stopping.Cancel();
                }

                var beat = _store.Add($"{_prefix}beat/{_next}", 0);
                if (!_watching || beat != last || _store.Has($"{_prefix}left/{_next}"))
                {
                    (last, since) = (beat, Stopwatch.StartNew());
                }
                else if (since.Elapsed > s_patience)
                {
                    _lost = $"rank {_next} has not been heard of for {s_patience.TotalSeconds:0} s";
                }
            }
            while (!_ended.Wait(s_interval) && _lost is null);

            _store.Set($"{_prefix}left/{_rank}", "");
        }
        catch (DistributedException failure)
        {
            _lost = failure.Message.TrimEnd('.');
        }
    }

    /// <summary>The counter that a launcher raises to stop all ranks.</summary>
    internal const string StopKey = "deutero/stop";
}
