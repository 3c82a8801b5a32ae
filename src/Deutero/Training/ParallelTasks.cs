using System.Runtime.ExceptionServices;
using Deutero.Torch;

namespace Deutero.Training;

/// <summary>Runs numbered tasks on .NET threads of their own, with one intra-op thread each, so that the cores are never oversubscribed.</summary>
internal static class ParallelTasks
{
    internal static void Run(int count, int threads, Action<int> task)
    {
        var next = -1;
        ExceptionDispatchInfo? failure = null;
        void Work()
        {
            try
            {
                Threads.SetForThisThread(1);
                for (var i = Interlocked.Increment(ref next); i < count && failure is null; i = Interlocked.Increment(ref next))
                {
                    task(i);
                }
            }
            catch (Exception exception) when (Remember(exception))
            {
                // Rethrown below, on the caller's thread.
            }
        }

        bool Remember(Exception exception)
        {
            Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(exception), null);
            return true;
        }

        var workers = Enumerable.Range(0, Math.Min(threads, count)).Select(_ => new Thread(Work, maxStackSize: 16 << 20) { IsBackground = true }).ToArray();
        foreach (var worker in workers)
        {
            worker.Start();
        }

        foreach (var worker in workers)
        {
            worker.Join();
        }

        failure?.Throw();
    }
}
