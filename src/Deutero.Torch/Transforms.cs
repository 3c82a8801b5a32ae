namespace Deutero.Torch;

/// <summary>Function transforms, nestable in any order, over tensors, <see cref="Parameters"/> and anything else made of tensors.</summary>
/// <remarks>
/// <para>Each takes a function and the point at which to evaluate its transform. Values that the function captures are constants of that
/// transform; an enclosing transform still differentiates or maps them.</para>
/// <para>Outside of any <see cref="VMap{TIn, TOut}"/> and <see cref="Jvp{TIn, TOut}"/>, <c>Grad</c> works on libtorch's plain tape, which is fastest
/// and runs on any number of threads at once. Inside, it is a functorch layer of its own; one thread at a time can be inside such layers.</para>
/// </remarks>
public static class Transforms
{
    /// <summary>Whether this thread is inside a <c>VMap</c> or a <c>Jvp</c>, which Deutero's own operators cannot go through: only libtorch's can.</summary>
    public static bool AnyActive => Layer.AnyActive;

    /// <summary>The gradient of a scalar function.</summary>
    /// <typeparam name="TIn">A tensor, parameters or another value made of floating-point tensors.</typeparam>
    /// <param name="function">Returns a scalar, shape <c>[]</c>.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <param name="constant">Whether enclosing transforms treat everything returned as constants: the first-order approximation.</param>
    /// <exception cref="TorchException">The result is not a scalar, or does not depend on any floating-point input.</exception>
    public static TIn Grad<TIn>(Func<TIn, Tensor> function, TIn at, bool constant = false)
        where TIn : ITensors<TIn> => ValueAndGrad(function, at, constant).Gradient;

    /// <summary>The value and the gradient of a scalar function.</summary>
    /// <typeparam name="TIn">A tensor, parameters or another value made of floating-point tensors.</typeparam>
    /// <param name="function">Returns a scalar, shape <c>[]</c>.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <param name="constant">Whether enclosing transforms treat everything returned as constants: the first-order approximation.</param>
    /// <exception cref="TorchException">The result is not a scalar, or does not depend on any floating-point input.</exception>
    public static (Tensor Value, TIn Gradient) ValueAndGrad<TIn>(Func<TIn, Tensor> function, TIn at, bool constant = false)
        where TIn : ITensors<TIn>
    {
        var (value, _, gradient) = ValueAndGrad(x => (function(x), Parameters.Empty), at, constant);
        return (value, gradient);
    }

    /// <summary>The value and the gradient of a scalar function that also returns something that is not differentiated, such as predictions.</summary>
    /// <typeparam name="TIn">A tensor, parameters or another value made of floating-point tensors.</typeparam>
    /// <typeparam name="TAux">What is returned beside the scalar.</typeparam>
    /// <param name="function">Returns a scalar, shape <c>[]</c>, and the other value.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <param name="constant">Whether enclosing transforms treat everything returned as constants: the first-order approximation.</param>
    public static (Tensor Value, TAux Aux, TIn Gradient) ValueAndGrad<TIn, TAux>(Func<TIn, (Tensor Value, TAux Aux)> function, TIn at, bool constant = false)
        where TIn : ITensors<TIn>
        where TAux : ITensors<TAux>
    {
        using var layer = Layer.ForReverse(at, constant);
        var inputs = layer.Enter(at);
        var (value, aux) = Forward(function, at.WithLeaves(inputs));
        if (value.Rank != 0)
        {
            throw new TorchException("grad", $"the function must return a scalar but returned shape {value.ShapeText}");
        }

        var gradient = Autograd.Grad([value], inputs, createGraph: layer.CreatesGraph);
        return (layer.Exit(value), layer.Exit(aux), at.WithLeaves(layer.Exit(gradient)));
    }

    /// <summary>The vector-Jacobian product: pulls a cotangent of the output back to the input.</summary>
    /// <typeparam name="TIn">The input's type.</typeparam>
    /// <typeparam name="TOut">The output's type.</typeparam>
    /// <param name="function">From the input to the output.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <param name="cotangent">A value of the output's structure and shapes.</param>
    /// <returns>The output, and the pulled-back cotangent of the input's structure.</returns>
    /// <exception cref="ArgumentException">The cotangent has another number of tensors than the output.</exception>
    public static (TOut Value, TIn Pullback) Vjp<TIn, TOut>(Func<TIn, TOut> function, TIn at, TOut cotangent)
        where TIn : ITensors<TIn>
        where TOut : ITensors<TOut>
    {
        using var layer = Layer.ForReverse(at, constant: false);
        var inputs = layer.Enter(at);
        var value = function(at.WithLeaves(inputs));
        RequireAsMany("cotangent", cotangent.Leaves, "output", value.Leaves);

        // Outputs that do not depend on the input contribute nothing, and the tape refuses them.
        var depending = value.Leaves.Zip(cotangent.Leaves).Where(pair => pair.First.RequiresGrad).ToArray();
        var pullback = depending.Length == 0
            ? Array.ConvertAll(inputs, input => input.ZerosLike())
            : Autograd.Grad(
                [.. depending.Select(pair => pair.First)], inputs, [.. depending.Select(pair => pair.Second)], createGraph: layer.CreatesGraph);
        return (layer.Exit(value), at.WithLeaves(layer.Exit(pullback)));
    }

    /// <summary>The Jacobian-vector product, by forward mode: pushes a tangent of the input to the output.</summary>
    /// <typeparam name="TIn">The input's type.</typeparam>
    /// <typeparam name="TOut">The output's type.</typeparam>
    /// <param name="function">From the input to the output.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <param name="tangent">A value of the input's structure and shapes.</param>
    /// <returns>The output, and its tangent: zeros where the output does not depend on the input.</returns>
    /// <exception cref="ArgumentException">The tangent has another number of tensors than the input.</exception>
    public static (TOut Value, TOut Tangent) Jvp<TIn, TOut>(Func<TIn, TOut> function, TIn at, TIn tangent)
        where TIn : ITensors<TIn>
        where TOut : ITensors<TOut>
    {
        RequireAsMany("tangent", tangent.Leaves, "input", at.Leaves);
        using var layer = Layer.ForForward();
        var duals = at.Leaves.Zip(tangent.Leaves, (primal, direction) => Tensor.MakeDual(primal, direction, 0)).ToArray();
        var value = function(at.WithLeaves(duals));
        return layer.ExitDual(value);
    }

    /// <summary>The product of the Hessian of a scalar function with a vector, by differentiating the gradient's inner product with it.</summary>
    /// <typeparam name="TIn">The input's type.</typeparam>
    /// <param name="function">Returns a scalar, shape <c>[]</c>.</param>
    /// <param name="at">Where to differentiate.</param>
    /// <param name="vector">A value of the input's structure and shapes, a constant of the product.</param>
    /// <exception cref="ArgumentException">The vector has another number of tensors than the input.</exception>
    public static TIn Hvp<TIn>(Func<TIn, Tensor> function, TIn at, TIn vector)
        where TIn : ITensors<TIn>
    {
        RequireAsMany("vector", vector.Leaves, "input", at.Leaves);
        return Grad(x => Inner(Grad(function, x).Leaves, vector.Leaves), at);
    }

    /// <summary>Maps a function over the first axis of every tensor, as one call: the batch axis is invisible to the function.</summary>
    /// <typeparam name="TIn">The input's type.</typeparam>
    /// <typeparam name="TOut">The output's type.</typeparam>
    /// <param name="function">Written for one example.</param>
    /// <param name="batch">Every tensor with a first axis of the same size.</param>
    /// <returns>The results, each tensor with the batch as its first axis.</returns>
    /// <exception cref="ArgumentException">The first axes have different sizes, or a tensor has none.</exception>
    public static TOut VMap<TIn, TOut>(Func<TIn, TOut> function, TIn batch)
        where TIn : ITensors<TIn>
        where TOut : ITensors<TOut>
    {
        var sizes = batch.Leaves.Select(leaf => leaf.Rank == 0 ? -1 : leaf.Size(0)).Distinct().ToArray();
        if (sizes is not [var size and >= 1])
        {
            throw new ArgumentException(
                $"VMap needs tensors with a common first axis but the shapes are {string.Join(", ", batch.Leaves.Select(leaf => leaf.ShapeText))}.");
        }

        using var layer = Layer.ForBatch(size);
        var mapped = function(batch.WithLeaves(layer.Enter(batch)));
        return layer.Exit(mapped);
    }

    // The tape keeps what the derivative needs and drops each tensor when it has been used; a handle that is still open would hold it to the end.
    private static (Tensor Value, TAux Aux) Forward<TIn, TAux>(Func<TIn, (Tensor Value, TAux Aux)> function, TIn at)
        where TAux : ITensors<TAux>
    {
        using var scope = new TensorScope();
        var (value, aux) = function(at);
        return (scope.Keep(value), scope.Keep(aux));
    }

    private static void RequireAsMany(string given, IReadOnlyList<Tensor> found, string model, IReadOnlyList<Tensor> expected)
    {
        if (found.Count != expected.Count)
        {
            throw new ArgumentException($"The {given} has {found.Count} tensors but the {model} has {expected.Count}.");
        }
    }

    private static Tensor Inner(IReadOnlyList<Tensor> left, IReadOnlyList<Tensor> right) =>
        left.Zip(right, (a, b) => (a * b).Sum()).Aggregate((sum, next) => sum + next);
}
