using System.Text.Json;
using System.Text.Json.Serialization;
using Deutero.Torch.Distributed;

namespace Deutero.Evaluation;

/// <summary>The episodes that one process ran, or all of them.</summary>
/// <param name="Episodes">How each went.</param>
/// <param name="Classification">Whether they are classification tasks.</param>
/// <param name="Cancelled">Whether the process was asked to stop before its end.</param>
internal sealed record EpisodeShare(EpisodeResult[] Episodes, bool Classification, bool Cancelled)
{
    // The shortest text of a double that reads back as the same bits is what this serialiser writes.
    private static readonly JsonSerializerOptions s_exact = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>The episodes of all processes, in order.</summary>
    /// <param name="group">The processes.</param>
    /// <exception cref="OperationCanceledException">One of them was asked to stop.</exception>
    internal EpisodeShare Over(ProcessGroup group)
    {
        var shares = group.AllGather(JsonSerializer.SerializeToUtf8Bytes(this, s_exact)).Select(bytes => JsonSerializer.Deserialize<EpisodeShare>(bytes, s_exact)!).ToArray();
        return shares.Any(share => share.Cancelled)
            ? throw new OperationCanceledException()
            : new([.. shares.SelectMany(share => share.Episodes).OrderBy(result => result.Index)], shares.Any(share => share.Classification), false);
    }
}
