using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Deutero.Cli.Runs;

/// <summary>Measures what a computation takes, over all sessions in which it was interrupted and resumed.</summary>
/// <remarks>
/// What a session took is kept beside each checkpoint. So a process that was killed counts up to its last checkpoint, from which the next one goes on:
/// time whose work was lost is not counted.
/// </remarks>
internal sealed class CostMeter
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly TimeSpan _cpuBefore = Environment.CpuUsage.TotalTime;
    private readonly EnergyCounters _counters = new();
    private readonly Cost? _earlier;
    private readonly int _processes;
    private IReadOnlyDictionary<string, long>? _lastEnergy;
    private double? _joules;

    /// <summary>Starts to measure.</summary>
    /// <param name="earlier">What earlier sessions took; null for the first.</param>
    /// <param name="processes">How many processes share the work.</param>
    internal CostMeter(Cost? earlier = null, int processes = 1)
    {
        (_earlier, _processes) = (earlier, processes);
        PeakMemory.Restart();
        _lastEnergy = _counters.Read();
        _joules = _lastEnergy is null ? null : 0;
    }

    /// <summary>The meter of a training that begins or goes on; null where it is complete, or earlier sessions were not measured.</summary>
    /// <param name="folder">The run folder.</param>
    /// <param name="iteration">The iteration that it goes on after.</param>
    /// <param name="iterations">The iterations in all.</param>
    /// <param name="processes">How many processes share the work.</param>
    internal static CostMeter? Of(RunFolder folder, int iteration, int iterations, int processes) =>
        iteration == 0 ? new(null, processes) : iteration < iterations && Read(folder) is { } earlier ? new(earlier, processes) : null;

    /// <summary>What all sessions took up to now.</summary>
    internal Cost Total
    {
        get
        {
            var energy = _counters.Read();
            _joules = energy is null || _lastEnergy is null ? null : _joules + EnergyCounters.Joules(_lastEnergy, energy);
            _lastEnergy = energy;
            var session = new Cost(
                _watch.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - _cpuBefore).TotalSeconds, _joules, PeakMemory.Bytes, Processes: _processes);
            return _earlier?.Then(session) ?? session;
        }
    }

    /// <summary>What a run folder's training took; null where that was not recorded.</summary>
    /// <param name="folder">The run folder.</param>
    internal static Cost? Read(RunFolder folder) => File.Exists(folder.CostFile) ? Cost.Of(JsonNode.Parse(File.ReadAllText(folder.CostFile))) : null;

    /// <summary>Writes the total into a run folder.</summary>
    /// <param name="folder">The run folder.</param>
    internal void Save(RunFolder folder) => RunFolder.WriteText(folder.CostFile, Total.ToJson().ToJsonString());
}
