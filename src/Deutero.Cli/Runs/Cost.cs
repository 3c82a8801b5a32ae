using System.Text.Json;
using System.Text.Json.Nodes;

namespace Deutero.Cli.Runs;

/// <summary>What a computation took.</summary>
/// <param name="WallSeconds">Elapsed time.</param>
/// <param name="CpuSeconds">Processor time of all threads of this process, or of rank 0 of several.</param>
/// <param name="EnergyJoules">What the machine's processors took meanwhile, other programs included; null where the machine does not report it.</param>
/// <param name="PeakMemoryBytes">The largest resident memory.</param>
/// <param name="Sessions">How often it was started or resumed.</param>
/// <param name="Processes">How many processes shared the work, the last time.</param>
public sealed record Cost(double WallSeconds, double CpuSeconds, double? EnergyJoules, long PeakMemoryBytes, int Sessions = 1, int Processes = 1)
{
    private static readonly JsonSerializerOptions s_format = new(JsonSerializerDefaults.Web);

    /// <summary>This and what came after it, as one.</summary>
    /// <param name="later">The later part; its energy is counted only if this part's is known too.</param>
    public Cost Then(Cost later) => new(
        WallSeconds + later.WallSeconds, CpuSeconds + later.CpuSeconds, EnergyJoules + later.EnergyJoules,
        Math.Max(PeakMemoryBytes, later.PeakMemoryBytes), Sessions + later.Sessions, later.Processes);

    /// <summary>As JSON.</summary>
    public JsonObject ToJson() => JsonSerializer.SerializeToNode(
        this with { WallSeconds = Math.Round(WallSeconds, 1), CpuSeconds = Math.Round(CpuSeconds, 1), EnergyJoules = EnergyJoules is { } joules ? Math.Round(joules) : null },
        s_format)!.AsObject();

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The JSON; null gives null.</param>
    public static Cost? Of(JsonNode? json) => json.Deserialize<Cost>(s_format);
}
