namespace Deutero.Torch.Tests;

public class TensorScopeTests
{
    [Fact]
    public void A_scope_frees_what_it_is_not_told_to_keep()
    {
        Tensor dropped, kept;
        using (var outer = new TensorScope())
        {
            using (var inner = new TensorScope())
            {
                dropped = Tensor.Ones([2]);
                kept = inner.Keep(Tensor.Ones([3]));
            }

            Assert.True(dropped.IsClosed);
            Assert.False(kept.IsClosed);
        }

        Assert.True(kept.IsClosed);
    }

    [Fact]
    public void Released_tensors_belong_to_nobody_and_adopted_ones_to_the_scope()
    {
        Tensor released, adopted;
        using (var outer = new TensorScope())
        {
            using (var inner = new TensorScope())
            {
                released = inner.Release(Tensor.Ones([1]));
            }

            var other = default(Tensor);
            var thread = new Thread(() => other = Tensor.Ones([1])); // another thread has no scope
            thread.Start();
            thread.Join();
            adopted = TensorScope.Adopt(other!);
        }

        Assert.False(released.IsClosed);
        Assert.True(adopted.IsClosed);
        released.Dispose();
    }

    [Fact]
    public void Closing_in_the_wrong_order_is_refused()
    {
        var outer = new TensorScope();
        var inner = new TensorScope();
        Assert.Throws<InvalidOperationException>(outer.Dispose);
        inner.Dispose();
        outer.Dispose();
    }

    [Fact]
    public void Freeing_a_handle_does_not_break_a_graph()
    {
        using var x = Autograd.Leaf(Tensor.From(new double[] { 3 }));
        Tensor y;
        using (var scope = new TensorScope())
        {
            y = scope.Keep((x * x).Sum()); // the square is freed with the scope
        }

        Assert.Equal(6, Autograd.Grad([y], [x])[0].ToDouble());
    }

    [Fact]
    public void Memory_stays_flat_over_many_allocations()
    {
        long Resident() => long.Parse(File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmRSS", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
        void Work(int count)
        {
            for (var i = 0; i < count; i++)
            {
                using var scope = new TensorScope();
                _ = Transforms.Grad(x => (x.Sin() * x).Sum(), Tensor.Ones([1000]));
            }
        }

        Work(2000);
        var before = Resident();
        Work(20_000);
        Assert.InRange(Resident() - before, long.MinValue, 20_000); // kB; 22,000 leaked tensors of 4 kB would be 88,000
    }
}
