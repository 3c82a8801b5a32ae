namespace Deutero.Torch;

/// <summary>A value made of tensors, such as a tensor itself, <see cref="Parameters"/> or an episode: what scopes keep and transforms map.</summary>
/// <typeparam name="TSelf">The implementing type.</typeparam>
public interface ITensors<TSelf>
    where TSelf : ITensors<TSelf>
{
    /// <summary>The tensors, in an order that does not change.</summary>
    IReadOnlyList<Tensor> Leaves { get; }

    /// <summary>The same structure with other tensors.</summary>
    /// <param name="leaves">As many tensors as <see cref="Leaves"/>, in the same order.</param>
    TSelf WithLeaves(IReadOnlyList<Tensor> leaves);
}
