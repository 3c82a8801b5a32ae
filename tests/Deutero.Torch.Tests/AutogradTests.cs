using static Deutero.Torch.Tests.Numbers;

namespace Deutero.Torch.Tests;

public sealed class AutogradTests
{
    [Fact]
    public void Gradients_of_several_inputs_come_in_their_order()
    {
        var (a, b) = (Autograd.Leaf(Vector(1, 2)), Autograd.Leaf(Vector(3, 5)));

        var gradients = Autograd.Grad([(a * b).Sum() + a.Square().Sum()], [b, a]);

        Close([1, 2], gradients[0]);
        Close([5, 9], gradients[1]);
        Assert.Null(Autograd.GradientOf(a));
    }

    [Fact]
    public void An_input_that_is_not_used_has_zeros()
    {
        var (a, b) = (Autograd.Leaf(Vector(1, 2)), Autograd.Leaf(Vector(3)));

        Close([0], Autograd.Grad([a.Sum()], [a, b])[1]);
    }

    [Fact]
    public void Vectors_weigh_the_rows_of_the_Jacobian()
    {
        var x = Autograd.Leaf(Vector(1, 2));

        Close([20, 120], Autograd.Grad([x.Square()], [x], [Vector(10, 30)])[0]);
        Close([2 + 10, 4 + 10], Autograd.Grad([x.Square().Sum(), x.Sum()], [x], [Scalar(1), Scalar(10)])[0]);
        Assert.Throws<TorchException>(() => Autograd.Grad([x.Square()], [x]));
        Assert.Throws<TorchException>(() => Autograd.Grad([x.Square()], [x], [Vector(1, 2, 3)]));
    }

    [Fact]
    public void A_gradient_with_its_graph_is_differentiated_again()
    {
        var x = Autograd.Leaf(Scalar(3));
        var first = Autograd.Grad([x.Pow(4)], [x], createGraph: true)[0];
        var second = Autograd.Grad([first], [x], createGraph: true)[0];

        Close([108], first);
        Close([108], second);
        Close([72], Autograd.Grad([second], [x])[0]);
        Assert.False(Autograd.Grad([x.Pow(4)], [x])[0].RequiresGrad);
    }

    [Fact]
    public void A_graph_is_used_once_unless_it_is_retained()
    {
        var x = Autograd.Leaf(Scalar(3));
        var y = x.Exp();
        Autograd.Grad([y], [x], retainGraph: true);
        Autograd.Grad([y], [x]);

        Assert.Throws<TorchException>(() => Autograd.Grad([y], [x]));
    }

    [Fact]
    public void Backward_accumulates_in_the_leaves()
    {
        var x = Autograd.Leaf(Vector(1, 2));
        Assert.Null(Autograd.GradientOf(x));
        Autograd.Backward([x.Square().Sum()]);
        Autograd.Backward([x * 3], [Vector(1, 10)]);

        Close([5, 34], Autograd.GradientOf(x)!);
    }

    [Fact]
    public void What_does_not_depend_on_a_leaf_cannot_be_differentiated()
    {
        Assert.Throws<TorchException>(() => Autograd.Backward([Scalar(1)]));
        Assert.Throws<TorchException>(() => Autograd.Grad([Scalar(1)], [Autograd.Leaf(Scalar(1))]));
        Assert.Throws<TorchException>(() => Autograd.Leaf(Tensor.From<long>([1])));
    }

    [Fact]
    public void A_leaf_shares_the_values_but_not_the_history()
    {
        var x = Autograd.Leaf(Scalar(2));
        var leaf = Autograd.Leaf(x.Square());

        Assert.True(leaf.RequiresGrad);
        Close([0], Autograd.Grad([leaf * 3], [leaf, x])[1]);
    }

    [Fact]
    public void Recording_is_switched_off_and_on_for_this_thread_alone()
    {
        var x = Autograd.Leaf(Scalar(2));
        using (Autograd.NoGrad())
        {
            Assert.False(x.Square().RequiresGrad);
            using (Autograd.EnableGrad())
            {
                Assert.True(x.Square().RequiresGrad);
            }

            Assert.False(x.Square().RequiresGrad);
            var elsewhere = false;
            var thread = new Thread(() => elsewhere = x.Square().RequiresGrad);
            thread.Start();
            thread.Join();
            Assert.True(elsewhere);
        }

        Assert.True(x.Square().RequiresGrad);
    }

    [Fact]
    public void Transforms_record_even_where_recording_is_off()
    {
        using var off = Autograd.NoGrad();

        Close([6], Transforms.Grad(x => x.Square(), Scalar(3)));
        Close([2], Transforms.Grad(y => Transforms.Grad(x => x.Square(), y), Scalar(3)));
    }

    [Fact]
    public void Tensors_of_inference_mode_never_take_part_in_differentiation()
    {
        var x = Autograd.Leaf(Scalar(2));
        Tensor made;
        using (var mode = Autograd.InferenceMode())
        {
            made = x.Square();
            mode.Dispose();
        }

        Close([4], made);
        Assert.False(made.RequiresGrad);
        Assert.Throws<TorchException>(() => x * made);
        Assert.True(x.Square().RequiresGrad);
    }

    [Fact]
    public void Gradients_run_on_many_threads_over_shared_leaves()
    {
        var x = Normal(1, 50);
        var expected = Transforms.Grad(v => (v.Sin() * v).Sum(), x);
        var results = new Tensor[32];

        Parallel.For(0, results.Length, i => results[i] = Transforms.Grad(v => (v.Sin() * v).Sum(), x));

        Assert.All(results, result => Assert.True(result.BitEquals(expected)));
    }
}
