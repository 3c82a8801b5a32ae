using static Deutero.Torch.Tests.Numbers;

namespace Deutero.Torch.Tests;

public sealed class TensorScopeTests
{
    [Fact]
    public void A_scope_frees_everything_made_in_it()
    {
        var before = Vector(1);
        Tensor sum;
        Tensor[] pieces;
        using (var scope = new TensorScope())
        {
            sum = before + before;
            pieces = Vector(1, 2, 3).Unbind();
            Assert.Equal(5, scope.Count);
        }

        Assert.True(sum.IsClosed);
        Assert.All(pieces, piece => Assert.True(piece.IsClosed));
        Close([1], before);
    }

    [Fact]
    public void Kept_tensors_belong_to_the_enclosing_scope()
    {
        Tensor kept;
        using (var outer = new TensorScope())
        {
            using (var inner = new TensorScope())
            {
                kept = inner.Keep(Vector(1, 2) * 3);
            }

            Close([3, 6], kept);
            Assert.Equal(1, outer.Count);
        }

        Assert.True(kept.IsClosed);
    }

    [Fact]
    public void Kept_parameters_belong_to_the_caller_where_there_is_no_other_scope()
    {
        Parameters kept;
        using (var scope = new TensorScope())
        {
            Parameters theta = [new("w", Vector(1, 2)), new("b", Scalar(3))];
            kept = scope.Keep(theta - (0.5 * theta));
        }

        Close([0.5, 1], kept["w"]);
        Close([1.5], kept["b"]);
        kept["w"].Dispose();
        kept["b"].Dispose();
    }

    [Fact]
    public void Released_tensors_belong_to_no_scope_until_they_are_adopted()
    {
        using var outer = new TensorScope();
        Tensor released;
        using (var inner = new TensorScope())
        {
            released = inner.Release(Vector(4));
        }

        Assert.Equal(0, outer.Count);
        using (var other = new TensorScope())
        {
            Assert.Same(released, TensorScope.Adopt(released));
            Assert.Equal(1, other.Count);
        }

        Assert.True(released.IsClosed);
    }

    [Fact]
    public void Adopting_without_a_scope_leaves_the_tensor_to_the_caller()
    {
        var tensor = TensorScope.Adopt(Vector(1));

        Close([1], tensor);
    }

    [Fact]
    public void Keeping_what_the_scope_does_not_own_changes_nothing()
    {
        using var outer = new TensorScope();
        var tensor = Vector(1);
        using (var inner = new TensorScope())
        {
            inner.Keep(tensor);
            inner.Keep(tensor);
            inner.Release(tensor);
        }

        Assert.Equal(1, outer.Count);
        Close([1], tensor);
    }

    [Fact]
    public void Closing_in_the_wrong_order_is_refused_and_harms_nothing()
    {
        var outer = new TensorScope();
        var inner = new TensorScope();
        var tensor = Vector(1);

        Assert.Throws<InvalidOperationException>(outer.Dispose);
        Close([1], tensor);
        inner.Dispose();
        inner.Dispose();
        outer.Dispose();
        Assert.True(tensor.IsClosed);
    }

    [Fact]
    public void Closing_on_another_thread_is_refused()
    {
        using var scope = new TensorScope();
        Exception? error = null;
        OnThread(() => error = Record.Exception(scope.Dispose));

        Assert.IsType<InvalidOperationException>(error);
    }

    [Fact]
    public void Threads_have_their_own_scopes()
    {
        using var scope = new TensorScope();
        Tensor? other = null;
        OnThread(() =>
        {
            using var inner = new TensorScope();
            other = Vector(1, 2);
            Assert.Equal(1, inner.Count);
        });

        Assert.True(other!.IsClosed);
        Assert.Equal(0, scope.Count);
    }

    [Fact]
    public void A_graph_outlives_the_handles_of_its_intermediate_values()
    {
        var leaf = Autograd.Leaf(Vector(1, 2, 3));
        Tensor loss;
        using (var scope = new TensorScope())
        {
            loss = scope.Keep((leaf.Sin() * leaf).Sum());
        }

        Close([.. new double[] { 1, 2, 3 }.Select(x => Math.Sin(x) + (x * Math.Cos(x)))], Autograd.Grad([loss], [leaf])[0]);
    }

    [Fact]
    public void Memory_stays_flat_over_20000_tensors()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "resident memory is read from /proc");
        Churn(500);
        var before = ResidentBytes();
        Churn(20_000);
        var grown = ResidentBytes() - before;

        // Without freeing, 20,000 tensors of 100,000 bytes would be 2 GB.
        Assert.InRange(grown, long.MinValue, 300_000_000);
    }

    [Fact]
    public void Memory_stays_flat_over_second_order_gradients_and_transforms()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "resident memory is read from /proc");
        Differentiate(50);
        var before = ResidentBytes();
        Differentiate(1_500);

        // One step holds several tensors of 80,000 bytes: 1,500 leaked steps would be a gigabyte.
        Assert.InRange(ResidentBytes() - before, long.MinValue, 300_000_000);
    }

    private static void Churn(int count)
    {
        for (var i = 0; i < count; i++)
        {
            using var scope = new TensorScope();
            _ = Tensor.Ones([25_000]);
        }
    }

    private static void Differentiate(int count)
    {
        for (var i = 0; i < count; i++)
        {
            using var scope = new TensorScope();
            var x = Tensor.Ones([2, 5_000], DType.Float64);
            _ = Transforms.Grad(v => Transforms.Grad(w => w.Sin().Sum(), v).Square().Sum(), x);
            _ = Transforms.VMap(v => Transforms.Grad(w => w.Sin().Sum(), v), x);
            _ = Transforms.Jvp(v => v.Sin(), x, x);
        }
    }

    private static long ResidentBytes()
    {
        var line = File.ReadLines("/proc/self/status").First(text => text.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2]) * 1024;
    }

    private static void OnThread(Action action)
    {
        Exception? failure = null;
        var thread = new Thread(() => failure = Record.Exception(action));
        thread.Start();
        thread.Join();
        Assert.Null(failure);
    }
}
