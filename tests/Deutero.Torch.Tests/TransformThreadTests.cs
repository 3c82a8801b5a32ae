using static Deutero.Torch.Tests.Numbers;

namespace Deutero.Torch.Tests;

public sealed class TransformThreadTests
{
    [Fact]
    public void Second_order_gradients_run_on_many_threads_at_once() =>
        OnThreads(8, 20, i => Close([12.0 * (i + 1)], Transforms.Grad(y => Transforms.Grad(x => x.Pow(3), y), Scalar(2.0 * (i + 1)))));

    [Fact]
    public void Batches_and_forward_mode_on_many_threads_give_right_results() =>
        OnThreads(8, 20, i =>
        {
            Close([2.0 * i, 4], Transforms.VMap(v => Transforms.Grad(x => x.Square(), v), Vector(i, 2)));
            Close([3.0 * i * i], Transforms.Jvp(x => x.Pow(3), Scalar(i), Scalar(1)).Tangent);
            Close([6.0 * i], Transforms.Grad(x => Transforms.Jvp(y => y.Pow(3), x, Scalar(1)).Tangent, Scalar(i)));
        });

    [Fact]
    public void Plain_gradients_run_beside_batches()
    {
        var inside = 0;
        OnThreads(6, 30, i =>
        {
            if (i % 2 == 0)
            {
                Close([2.0 * i, 4], Transforms.VMap(v => Transforms.Grad(x => x.Square(), v), Vector(i, 2)));
                Interlocked.Increment(ref inside);
            }
            else
            {
                Close([6.0 * i], Transforms.Grad(y => Transforms.Grad(x => x.Pow(3), y), Scalar(i)));
            }
        });
        Assert.Equal(90, inside);
    }

    [Fact]
    public void A_failure_inside_a_batch_lets_the_other_threads_in() =>
        OnThreads(4, 20, i =>
        {
            Assert.Throws<TorchException>(() => Transforms.VMap(x => x.Reshape([7]), Vector(1, 2)));
            Close([1, 4], Transforms.VMap(x => x.Square(), Vector(1, 2)));
        });

    private static void OnThreads(int count, int repetitions, Action<int> action)
    {
        var failures = new Exception?[count];
        var threads = Enumerable.Range(0, count).Select(i => new Thread(() => failures[i] = Record.Exception(() =>
        {
            for (var n = 0; n < repetitions; n++)
            {
                using var scope = new TensorScope();
                action(i);
            }
        }))).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.All(failures, Assert.Null);
    }
}
