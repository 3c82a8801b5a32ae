namespace Deutero.Torch;

/// <summary>Frees, when disposed, every tensor made on this thread since it was opened, except those that were kept.</summary>
/// <remarks>
/// Scopes nest, one stack per thread. Training and evaluation open them, so that the code of an algorithm never disposes anything.
/// <code>
/// using var scope = new TensorScope();
/// return scope.Keep(parameters - 0.1 * gradient);   // all intermediate values are freed, the result belongs to the caller's scope
/// </code>
/// </remarks>
public sealed class TensorScope : IDisposable
{
    [ThreadStatic]
    private static TensorScope? s_current;

    private readonly TensorScope? _outer;
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private readonly List<Tensor> _tensors = [];
    private bool _disposed;

    /// <summary>Opens a scope on this thread.</summary>
    public TensorScope()
    {
        _outer = s_current;
        s_current = this;
    }

    /// <summary>The number of tensors that this scope will free.</summary>
    public int Count => _tensors.Count;

    /// <summary>Hands tensors to the enclosing scope, or to the caller where there is none.</summary>
    /// <typeparam name="T">A tensor, parameters, an episode or any other value made of tensors.</typeparam>
    /// <param name="value">What outlives this scope.</param>
    /// <returns>The same value.</returns>
    public T Keep<T>(T value)
        where T : ITensors<T>
    {
        foreach (var tensor in Take(value))
        {
            _outer?._tensors.Add(tensor);
        }

        return value;
    }

    /// <summary>Takes tensors out of this scope without giving them to another one: the caller disposes them.</summary>
    /// <typeparam name="T">A tensor, parameters, an episode or any other value made of tensors.</typeparam>
    /// <param name="value">What outlives all scopes.</param>
    /// <returns>The same value.</returns>
    public T Release<T>(T value)
        where T : ITensors<T>
    {
        Take(value);
        return value;
    }

    /// <summary>Gives tensors that no scope owns, for example results of another thread, to the innermost scope of this thread.</summary>
    /// <typeparam name="T">A tensor, parameters, an episode or any other value made of tensors.</typeparam>
    /// <param name="value">What this thread's scope shall free.</param>
    /// <returns>The same value.</returns>
    public static T Adopt<T>(T value)
        where T : ITensors<T>
    {
        s_current?._tensors.AddRange(value.Leaves);
        return value;
    }

    /// <summary>Frees the scope's tensors.</summary>
    /// <exception cref="InvalidOperationException">The scope is not the innermost one of this thread.</exception>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        if (s_current != this || Environment.CurrentManagedThreadId != _thread)
        {
            throw new InvalidOperationException("Tensor scopes must be closed in the opposite order of opening, on the thread that opened them.");
        }

        _disposed = true;
        s_current = _outer;
        foreach (var tensor in _tensors)
        {
            tensor.Dispose();
        }

        _tensors.Clear();
    }

    internal static void Register(Tensor tensor) => s_current?._tensors.Add(tensor);

    // Those of the value's tensors that this scope owned; it no longer does.
    private List<Tensor> Take<T>(T value)
        where T : ITensors<T>
    {
        var wanted = new HashSet<Tensor>(value.Leaves, ReferenceEqualityComparer.Instance);
        var taken = _tensors.FindAll(wanted.Contains);
        _tensors.RemoveAll(wanted.Contains);
        return taken;
    }
}
