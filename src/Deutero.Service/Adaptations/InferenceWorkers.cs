using System.Collections.Concurrent;
using Deutero.Service.Web;
using Deutero.Torch;

namespace Deutero.Service.Adaptations;

/// <summary>
/// Threads that adapt and predict, behind a queue of bounded length. Each uses one operator thread, so that the bits of an answer do not depend on
/// how many cores there are.
/// </summary>
internal sealed class InferenceWorkers : IDisposable
{
    private readonly BlockingCollection<Action> _queue;
    private readonly Thread[] _threads;

    internal InferenceWorkers(ServiceSettings settings)
    {
        _queue = new(settings.QueueLength);
        _threads = [.. Enumerable.Range(0, settings.Workers).Select(_ => new Thread(Work, maxStackSize: 16 << 20) { IsBackground = true, Name = "inference" })];
        foreach (var thread in _threads)
        {
            thread.Start();
        }
    }

    /// <summary>Work that waits.</summary>
    internal int Waiting => _queue.Count;

    /// <summary>Runs work on one of the threads.</summary>
    /// <exception cref="ServiceProblem">The queue is full.</exception>
    internal Task<T> Run<T>(Func<T> work, CancellationToken cancellation)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Execute()
        {
            if (cancellation.IsCancellationRequested)
            {
                done.SetCanceled(cancellation);
                return;
            }

            try
            {
                done.SetResult(work());
            }
            catch (Exception failure) when (done.TrySetException(failure))
            {
                // It is the caller's.
            }
        }

        return !_queue.IsAddingCompleted && _queue.TryAdd(Execute) ? done.Task : throw ServiceProblem.Busy();
    }

    /// <summary>Finishes what waits, and ends the threads.</summary>
    public void Dispose()
    {
        _queue.CompleteAdding();
        foreach (var thread in _threads)
        {
            thread.Join();
        }

        _queue.Dispose();
    }

    private void Work()
    {
        Threads.SetForThisThread(1);
        foreach (var work in _queue.GetConsumingEnumerable())
        {
            work();
        }
    }
}
