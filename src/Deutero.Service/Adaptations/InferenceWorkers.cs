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
    private readonly BlockingCollection<Action> _queue = [];
    private readonly Thread[] _threads;
    private readonly int _longest;
    private int _waiting;

    internal InferenceWorkers(ServiceSettings settings)
    {
        _longest = settings.QueueLength;
        _threads = [.. Enumerable.Range(0, settings.Workers).Select(_ => new Thread(Work, maxStackSize: 16 << 20) { IsBackground = true, Name = "inference" })];
        foreach (var thread in _threads)
        {
            thread.Start();
        }
    }

    /// <summary>Requests that wait.</summary>
    internal int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Lets a request wait; <see cref="Leave"/> follows when its work begins.</summary>
    /// <exception cref="ServiceProblem">As many wait as may, or the service ends.</exception>
    internal void Enter()
    {
        if (Interlocked.Increment(ref _waiting) > _longest || _queue.IsAddingCompleted)
        {
            Leave();
            throw ServiceProblem.Busy();
        }
    }

    internal void Leave(int requests = 1) => Interlocked.Add(ref _waiting, -requests);

    /// <summary>Runs work of requests that have entered on one of the threads; it must not throw.</summary>
    internal void Post(Action work) => _queue.Add(work);

    /// <summary>Runs a request's work on one of the threads.</summary>
    /// <exception cref="ServiceProblem">As many wait as may.</exception>
    internal Task<T> Run<T>(Func<T> work, CancellationToken cancellation)
    {
        Enter();
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() =>
        {
            Leave();
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
        });
        return done.Task;
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
