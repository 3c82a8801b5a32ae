namespace Deutero.Torch.Distributed;

/// <summary>The processes of a run could not meet, or one of them was lost; the message is one sentence.</summary>
public sealed class DistributedException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened, between whom.</param>
    /// <param name="peerLost">Whether a process that had joined is gone.</param>
    public DistributedException(string message, bool peerLost = false)
        : base(message) =>
        PeerLost = peerLost;

    /// <summary>Whether a process that had joined is gone: the others can go on from the last checkpoint. False where they never met.</summary>
    public bool PeerLost { get; }
}
