using Deutero.Torch.Native;

namespace Deutero.Torch.Tests;

public sealed class ThreadsTests
{
    [Fact]
    public void The_number_of_threads_is_really_per_thread()
    {
        Threads.SetForThisThread(3);
        var (other, after, third) = (0, 0, 0);
        OnThread(() =>
        {
            other = Threads.Current;
            Threads.SetForThisThread(1);
            after = Threads.Current;
        });
        OnThread(() =>
        {
            Threads.SetForThisThread(2);
            third = Threads.Current;
        });

        Assert.Equal(3, Threads.Current);
        Assert.True(other >= 1);
        Assert.Equal((1, 2), (after, third));
        Threads.SetForThisThread(1);
        Assert.Equal(1, Threads.Current);
    }

    [Fact]
    public void Fewer_than_one_thread_is_refused()
    {
        Assert.Contains("at least 1 but is 0", Assert.Throws<TorchException>(() => Threads.SetForThisThread(0)).Message, StringComparison.Ordinal);
        Assert.Throws<TorchException>(() => Threads.SetForProcess(-1));
    }

    // Two threads that both find it unknown look it up twice, and neither may see the other's unfinished work.
    [Fact]
    public void An_operators_first_calls_may_come_from_several_threads()
    {
        using var scope = new TensorScope();
        var (one, negates) = (Numbers.Vector(1), Enumerable.Range(0, 5_000).Select(_ => new Operator("aten::neg", "")).ToArray());
        Together(negates.Length, i => Assert.Equal(-1, Negated(negates[i], one)));

        static unsafe double Negated(Operator negate, Tensor one)
        {
            using var scope = new TensorScope();
            var argument = NativeValue.Of(one);
            return negate.CallOne(&argument, 1).Sum().ToDouble();
        }
    }

    [Fact]
    public void A_tensors_shape_may_be_asked_by_several_threads()
    {
        using var scope = new TensorScope();
        var tensors = Enumerable.Range(0, 20_000).Select(_ => Tensor.Zeros([2, 3])).ToArray();
        Together(tensors.Length, i => Assert.Equal([2, 3], tensors[i].Shape));
    }

    // On two threads, of which each waits for the other before every turn, so that they begin it as nearly at once as can be had.
    private static void Together(int turns, Action<int> action)
    {
        var arrived = 0;
        void Run()
        {
            for (var i = 0; i < turns; i++)
            {
                Interlocked.Increment(ref arrived);
                var spin = default(SpinWait);
                while (Volatile.Read(ref arrived) < 2 * (i + 1))
                {
                    spin.SpinOnce(sleep1Threshold: -1);
                }

                try
                {
                    action(i);
                }
                catch
                {
                    Volatile.Write(ref arrived, int.MaxValue / 2); // the other waits no more
                    throw;
                }
            }
        }

        var other = Task.Run(Run);
        Run();
        other.GetAwaiter().GetResult();
    }

    private static void OnThread(Action action)
    {
        var thread = new Thread(() => action());
        thread.Start();
        thread.Join();
    }
}
