using System.Runtime.InteropServices;
using Deutero.Data;
using Deutero.Torch;
using Deutero.Torch.Imaging;

namespace Deutero.Cli.Diagnosis;

/// <summary>Looks at a machine: what Deutero needs, what it has, and what to do about the difference.</summary>
/// <remarks>One check that fails never keeps the others from being made.</remarks>
internal static class Doctor
{
    private const string Packages = "apt-get install libtorch-dev libgloo-dev libopenblas0-openmp libstb0 cmake g++";

    /// <summary>Makes all checks.</summary>
    /// <param name="dataFolder">The user's data folder, or <see langword="null"/>.</param>
    internal static IReadOnlyList<Finding> Examine(string? dataFolder)
    {
        var findings = new List<Finding>
        {
            Finding.Ok(".NET", RuntimeInformation.FrameworkDescription),
            Machine.Cores(),
            Machine.Memory(),
            Machine.Instructions(),
            Machine.OpenMp(),
        };
        var torch = Torch();
        findings.Add(torch);
        if (torch.State == FindingState.Ok)
        {
            findings.Add(Finding.Ok("threads", $"{Environment.ProcessorCount} in training, {Threads.Current} in one operator elsewhere"));
            findings.Add(Cuda());
            findings.AddRange(Speed.Measure());
            findings.Add(Machine.Blas());
        }

        findings.Add(Images());
        findings.Add(Data(dataFolder));
        findings.Add(Cache(DataLocation.CacheFolder));
        return findings;
    }

    private static Finding Torch()
    {
        try
        {
            return Finding.Ok("libtorch", TorchInfo.Version);
        }
        catch (Exception unloadable) when (Cause(unloadable) is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            return new("libtorch", FindingState.Missing, Cause(unloadable).Message.ReplaceLineEndings(" "), $"{Packages}, then 'dotnet build'");
        }
    }

    private static Exception Cause(Exception exception) => exception is TypeInitializationException { InnerException: { } inner } ? Cause(inner) : exception;

    private static Finding Cuda() => TorchInfo.CudaDevices is > 0 and var count
        ? Finding.Ok("CUDA devices", $"{count}; use one with --set device=cuda")
        : Finding.Ok("CUDA devices", "none; the processor is used");

    private static Finding Images()
    {
        try
        {
            _ = new Image(1, 1, 1, [0]).EncodePng();
            return Finding.Ok("libstb", "reads and writes PNG and JPEG");
        }
        catch (DllNotFoundException)
        {
            return new("libstb", FindingState.Missing, "not installed: images cannot be read", "apt-get install libstb0");
        }
    }

    private static Finding Data(string? folder)
    {
        var location = DataLocation.Resolve(folder);
        var present = DataSets.All.Where(set => location.TryFind(set, [.. set.Files.Select(file => file.Name)]) is not null).Select(set => set.Name).ToArray();
        return present.Length > 0
            ? Finding.Ok("data sets", $"glyphs (built in), {string.Join(", ", present)}")
            : new("data sets", FindingState.Warning, $"glyphs (built in), and none in {string.Join(", ", location.Folders)}", "deutero data fetch omniglot");
    }

    private static Finding Cache(string folder)
    {
        // The nearest folder that exists says whether the others could be made; nothing is left behind.
        var existing = folder;
        while (!Directory.Exists(existing) && Path.GetDirectoryName(existing) is { Length: > 0 } parent)
        {
            existing = parent;
        }

        try
        {
            using var probe = new FileStream(
                Path.Combine(existing, $".deutero-{Path.GetRandomFileName()}.tmp"),
                new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.DeleteOnClose });
            return Finding.Ok("cache", $"{folder} can be written");
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return new("cache", FindingState.Warning, $"{folder} cannot be written", "set XDG_CACHE_HOME to a folder of yours, or give --data");
        }
    }
}
