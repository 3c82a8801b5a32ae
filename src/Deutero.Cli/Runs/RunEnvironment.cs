using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Deutero.Torch;

namespace Deutero.Cli.Runs;

/// <summary>What a run was computed with.</summary>
public static class RunEnvironment
{
    internal const string MemoryKey = "memory";

    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    /// <summary>The version of Deutero, with the commit after a plus sign.</summary>
    public static string Version => typeof(RunEnvironment).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>The commit that Deutero was built from; null where the build did not know it.</summary>
    public static string? Commit => Version.Split('+') is [_, var commit] ? commit : null;

    /// <summary>Names and values, for reports.</summary>
    public static IReadOnlyList<(string Key, string Value)> Describe() =>
    [
        ("Deutero", Version),
        ("libtorch", TorchInfo.Version),
        (".NET", RuntimeInformation.FrameworkDescription),
        ("system", RuntimeInformation.OSDescription),
        ("processor", Processor()),
        ("cores", $"{Environment.ProcessorCount}"),
        ("CUDA devices", $"{TorchInfo.CudaDevices}"),
    ];

    /// <summary>The same as JSON.</summary>
    /// <param name="memory">How the unrolling was chosen by a memory budget; null where there is none.</param>
    /// <param name="more">What else belongs to it.</param>
    public static string Json(JsonObject? memory = null, params IEnumerable<(string Key, string Value)> more)
    {
        var environment = new JsonObject(Describe().Concat(more).Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
        if (memory is not null)
        {
            environment[MemoryKey] = memory;
        }

        return environment.ToJsonString(s_indented);
    }

    private static string Processor()
    {
        const string cpuInfo = "/proc/cpuinfo";
        var line = File.Exists(cpuInfo) ? File.ReadLines(cpuInfo).FirstOrDefault(text => text.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line?.Split(':', 2)[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}
