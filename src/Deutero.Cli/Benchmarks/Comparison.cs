using System.Text.Json;
using System.Text.Json.Nodes;

namespace Deutero.Cli.Benchmarks;

/// <summary>One workload's results over several rounds, and those of a peer that took turns with it.</summary>
/// <param name="Rounds">A result of ours for each round.</param>
/// <param name="PeerRounds">A result of the peer's for each round; empty without a peer.</param>
internal sealed record Comparison(IReadOnlyList<BenchResult> Rounds, IReadOnlyList<BenchResult> PeerRounds)
{
    /// <summary>The medians of the rounds.</summary>
    internal BenchResult Ours => BenchResult.Median(Rounds);

    /// <summary>The medians of the peer's rounds; null without a peer.</summary>
    internal BenchResult? Peer => PeerRounds.Count > 0 ? BenchResult.Median(PeerRounds) : null;

    /// <summary>The peer's processor seconds per task over ours; null without a peer.</summary>
    internal double? CpuRatio => Peer?.CpuSecondsPerTask / Ours.CpuSecondsPerTask;

    internal JsonObject ToJson()
    {
        var json = Json(Ours).AsObject();
        if (Peer is { } peer)
        {
            json["peer"] = Json(peer);
            json["cpuRatio"] = CpuRatio;
            json["peerRounds"] = new JsonArray([.. PeerRounds.Select(Json)]);
        }

        json["rounds"] = new JsonArray([.. Rounds.Select(Json)]);
        return json;
    }

    private static JsonNode Json(BenchResult result) => JsonSerializer.SerializeToNode(result, BenchResult.Format)!;
}
