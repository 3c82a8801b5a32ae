using Deutero.Torch.Native;

namespace Deutero.Torch;

/// <summary>One active transform of this thread: wraps the tensors that enter a function and unwraps those that leave it.</summary>
internal abstract class Layer : IDisposable
{
    // functorch's table of live layers is not safe for threads, so one thread at a time may have layers.
    private static readonly Lock s_functorch = new();

    [ThreadStatic]
    private static int s_functorchDepth;

    // The enclosing transforms of this thread that differentiate: a gradient computed inside them must itself be differentiable.
    [ThreadStatic]
    private static int s_differentiating;

    [ThreadStatic]
    private static int s_forwardDepth;

    internal static bool AnyActive => s_functorchDepth > 0 || s_forwardDepth > 0;

    internal bool CreatesGraph { get; private init; }

    internal static Layer ForReverse<T>(T at, bool constant)
        where T : ITensors<T>
    {
        var watched = s_differentiating > 0 || at.Leaves.Any(leaf => leaf.RequiresGrad);
        return s_functorchDepth > 0
            ? new FunctorchReverse(constant) { CreatesGraph = watched && !constant }
            : new Tape(watched && !constant) { CreatesGraph = watched && !constant };
    }

    internal static Layer ForForward() => new Forward();

    internal static Layer ForBatch(long size) => new Batch(size);

    internal Tensor[] Enter<T>(T value)
        where T : ITensors<T> => [.. value.Leaves.Select(Enter)];

    internal abstract Tensor Enter(Tensor tensor);

    internal abstract Tensor Exit(Tensor tensor);

    internal Tensor[] Exit(Tensor[] tensors) => Array.ConvertAll(tensors, Exit);

    internal T Exit<T>(T value)
        where T : ITensors<T> => value.WithLeaves([.. value.Leaves.Select(Exit)]);

    internal virtual (T Value, T Tangent) ExitDual<T>(T value)
        where T : ITensors<T> => throw new InvalidOperationException("Only a forward-mode layer has tangents.");

    public abstract void Dispose();

    private static long Push(int kind, long batchSize)
    {
        s_functorch.Enter();
        try
        {
            // Randomness inside VMap is the same for every example, as in a loop that starts each one from the same generator.
            NativeMethods.Check(NativeMethods.deutero_layer_push(kind, batchSize, randomness: 1, out var level), "transform");
            s_functorchDepth++;
            return level;
        }
        catch
        {
            s_functorch.Exit();
            throw;
        }
    }

    private static void Pop()
    {
        s_functorchDepth--;
        try
        {
            NativeMethods.Check(NativeMethods.deutero_layer_pop(), "transform");
        }
        finally
        {
            s_functorch.Exit();
        }
    }

    /// <summary>Reverse mode on libtorch's plain tape.</summary>
    private sealed class Tape : Layer
    {
        private readonly bool _watched;
        private readonly IDisposable _enabled = Autograd.EnableGrad();

        internal Tape(bool watched)
        {
            _watched = watched;
            s_differentiating++;
        }

        // An alias of a watched tensor is a new node: the gradient then counts only the paths through the function's argument,
        // while the enclosing transform still sees the argument's own history.
        internal override Tensor Enter(Tensor tensor) => _watched && tensor.RequiresGrad ? tensor.Alias() : Autograd.Leaf(tensor);

        internal override Tensor Exit(Tensor tensor) => _watched ? tensor : tensor.Detach();

        public override void Dispose()
        {
            s_differentiating--;
            _enabled.Dispose();
        }
    }

    /// <summary>Reverse mode inside VMap or Jvp.</summary>
    private sealed class FunctorchReverse : Layer
    {
        private readonly bool _constant;
        private readonly IDisposable _enabled = Autograd.EnableGrad();
        private readonly long _level = Push(1, 0);

        internal FunctorchReverse(bool constant)
        {
            _constant = constant;
            s_differentiating++;
        }

        internal override Tensor Enter(Tensor tensor)
        {
            NativeMethods.Check(NativeMethods.deutero_wrap(tensor.Pointer, _level, requiresGrad: 1, out var wrapped), "grad");
            GC.KeepAlive(tensor);
            return new(wrapped);
        }

        // Without a graph of this layer, the layers below have still recorded the operations: a constant is detached from all of them.
        internal override Tensor Exit(Tensor tensor)
        {
            var leaving = _constant ? tensor.Detach() : tensor;
            NativeMethods.Check(NativeMethods.deutero_unwrap(leaving.Pointer, _level, out var value), "grad");
            GC.KeepAlive(leaving);
            return new(value);
        }

        public override void Dispose()
        {
            s_differentiating--;
            Pop();
            _enabled.Dispose();
        }
    }

    /// <summary>Forward mode: dual numbers.</summary>
    private sealed class Forward : Layer
    {
        private readonly long _level = Push(2, 0);
        private readonly int _previousMode = NativeMethods.deutero_forward_mode(1);
        private readonly long _dualLevel = -1;

        internal Forward()
        {
            s_differentiating++;

            // All nested forward transforms share libtorch's one dual level; the functorch layers keep their tangents apart.
            if (s_forwardDepth++ == 0)
            {
                NativeMethods.Check(NativeMethods.deutero_forward_level_enter(out _dualLevel), "jvp");
            }
        }

        internal override Tensor Enter(Tensor tensor) => tensor;

        internal override Tensor Exit(Tensor tensor)
        {
            NativeMethods.Check(NativeMethods.deutero_unwrap(tensor.Pointer, _level, out var value), "jvp");
            GC.KeepAlive(tensor);
            return new(value);
        }

        internal override (T Value, T Tangent) ExitDual<T>(T value)
        {
            var parts = value.Leaves.Select(Parts).ToArray();
            return (value.WithLeaves([.. parts.Select(part => Exit(part.Primal))]), value.WithLeaves([.. parts.Select(part => Exit(part.Tangent))]));
        }

        private static (Tensor Primal, Tensor Tangent) Parts(Tensor dual)
        {
            NativeMethods.Check(NativeMethods.deutero_dual_parts(dual.Pointer, out var primal, out var tangent), "jvp");
            GC.KeepAlive(dual);
            return (new(primal), new(tangent));
        }

        public override void Dispose()
        {
            s_differentiating--;
            if (--s_forwardDepth == 0)
            {
                NativeMethods.Check(NativeMethods.deutero_forward_level_exit(_dualLevel), "jvp");
            }

            _ = NativeMethods.deutero_forward_mode(_previousMode);
            Pop();
        }
    }

    /// <summary>A batch axis that the function does not see.</summary>
    private sealed class Batch(long size) : Layer
    {
        private readonly long _level = Push(0, size);

        internal override Tensor Enter(Tensor tensor)
        {
            NativeMethods.Check(NativeMethods.deutero_batch_add(tensor.Pointer, 0, _level, out var batched), "vmap");
            GC.KeepAlive(tensor);
            return new(batched);
        }

        internal override Tensor Exit(Tensor tensor)
        {
            NativeMethods.Check(NativeMethods.deutero_batch_remove(tensor.Pointer, _level, size, 0, out var value), "vmap");
            GC.KeepAlive(tensor);
            return new(value);
        }

        public override void Dispose() => Pop();
    }
}
