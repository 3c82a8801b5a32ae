using Deutero.Torch.Native;

namespace Deutero.Torch;

/// <summary>Reverse-mode differentiation on libtorch's tape: what the <see cref="Transforms"/> are built from.</summary>
public static unsafe class Autograd
{
    /// <summary>The gradients of outputs with respect to inputs; nothing is accumulated anywhere.</summary>
    /// <param name="outputs">What is differentiated: scalars, unless <paramref name="outputGradients"/> are given.</param>
    /// <param name="inputs">Tensors that require gradients and that the outputs were computed from.</param>
    /// <param name="outputGradients">The vector of the vector-Jacobian product, one for each output; null means 1 for each scalar.</param>
    /// <param name="createGraph">Whether the gradients can be differentiated again: needed for second-order meta-gradients.</param>
    /// <param name="retainGraph">Whether the outputs can be differentiated once more; implied by <paramref name="createGraph"/>.</param>
    /// <returns>One gradient for each input; zeros where an output does not depend on the input.</returns>
    /// <exception cref="TorchException">An output does not require gradients, or its graph was freed already.</exception>
    public static Tensor[] Grad(
        ReadOnlySpan<Tensor> outputs, ReadOnlySpan<Tensor> inputs, ReadOnlySpan<Tensor> outputGradients = default, bool createGraph = false, bool retainGraph = false)
    {
        var outputHandles = stackalloc nint[outputs.Length];
        var inputHandles = stackalloc nint[inputs.Length];
        var seedHandles = stackalloc nint[outputGradients.Length];
        var results = stackalloc nint[inputs.Length];
        NativeValue.CopyHandles(outputs, outputHandles);
        NativeValue.CopyHandles(inputs, inputHandles);
        NativeValue.CopyHandles(outputGradients, seedHandles);
        var status = NativeMethods.deutero_grad(
            outputHandles, outputs.Length, inputHandles, inputs.Length, outputGradients.Length == 0 ? null : seedHandles,
            retainGraph || createGraph ? 1 : 0, createGraph ? 1 : 0, results);
        NativeMethods.Check(status, "autograd::grad");
        NativeValue.KeepAlive(outputs);
        NativeValue.KeepAlive(outputGradients);
        var gradients = new Tensor[inputs.Length];
        for (var i = 0; i < gradients.Length; i++)
        {
            gradients[i] = results[i] != 0 ? new(results[i]) : inputs[i].ZerosLike();
        }

        return gradients;
    }

    /// <summary>Adds the gradients of outputs to <see cref="GradientOf"/> of every leaf they were computed from.</summary>
    /// <param name="outputs">Scalars, unless <paramref name="outputGradients"/> are given.</param>
    /// <param name="outputGradients">One for each output; null means 1 for each scalar.</param>
    /// <param name="createGraph">Whether the gradients can be differentiated again.</param>
    /// <exception cref="TorchException">An output does not require gradients, or its graph was freed already.</exception>
    public static void Backward(ReadOnlySpan<Tensor> outputs, ReadOnlySpan<Tensor> outputGradients = default, bool createGraph = false)
    {
        var outputHandles = stackalloc nint[outputs.Length];
        var seedHandles = stackalloc nint[outputGradients.Length];
        NativeValue.CopyHandles(outputs, outputHandles);
        NativeValue.CopyHandles(outputGradients, seedHandles);
        NativeMethods.Check(
            NativeMethods.deutero_backward(outputHandles, outputs.Length, outputGradients.Length == 0 ? null : seedHandles, createGraph ? 1 : 0, createGraph ? 1 : 0),
            "autograd::backward");
        NativeValue.KeepAlive(outputs);
        NativeValue.KeepAlive(outputGradients);
    }

    /// <summary>What <see cref="Backward"/> has accumulated for a leaf, or null.</summary>
    /// <param name="leaf">A tensor made by <see cref="Leaf"/>.</param>
    public static Tensor? GradientOf(Tensor leaf)
    {
        NativeMethods.Check(NativeMethods.deutero_tensor_gradient(leaf.Pointer, out var gradient), "gradient");
        GC.KeepAlive(leaf);
        return gradient == 0 ? null : new(gradient);
    }

    /// <summary>A copy of the handle of a tensor, cut from its history, on which operations are recorded.</summary>
    /// <param name="value">A floating-point tensor.</param>
    public static Tensor Leaf(Tensor value)
    {
        var leaf = value.Detach();
        NativeMethods.Check(NativeMethods.deutero_set_requires_grad(leaf.Pointer, 1), "requires_grad");
        return leaf;
    }

    /// <summary>Until disposed, operations on this thread are not recorded.</summary>
    public static IDisposable NoGrad() => new Mode(enabled: false);

    /// <summary>Until disposed, operations on this thread are recorded, even inside <see cref="NoGrad"/>.</summary>
    public static IDisposable EnableGrad() => new Mode(enabled: true);

    /// <summary>Until disposed, tensors made on this thread can never take part in differentiation, which saves a little time.</summary>
    public static IDisposable InferenceMode() => new Inference();

    private sealed class Mode : IDisposable
    {
        private readonly int _previous;

        internal Mode(bool enabled) => _previous = NativeMethods.deutero_grad_mode(enabled ? 1 : 0);

        public void Dispose() => _ = NativeMethods.deutero_grad_mode(_previous);
    }

    private sealed class Inference : IDisposable
    {
        private nint _guard = NativeMethods.deutero_inference_mode_enter();

        public void Dispose()
        {
            if (_guard != 0)
            {
                NativeMethods.deutero_inference_mode_exit(_guard);
                _guard = 0;
            }
        }
    }
}
