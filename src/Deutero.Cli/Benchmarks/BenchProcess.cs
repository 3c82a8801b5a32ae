using System.Diagnostics;
using System.Text.Json;

namespace Deutero.Cli.Benchmarks;

/// <summary>Measures in a process of its own, because resident memory does not fall back: a peak then belongs to one workload.</summary>
internal static class BenchProcess
{
    // Asked before libtorch is loaded, for which these are set for this process where they are not set: other programs are to run as they would alone.
    private static readonly (string Name, string? Value)[] s_ofUser =
        [.. new[] { "OMP_WAIT_POLICY", "OPENBLAS_CORETYPE" }.Select(name => (name, Environment.GetEnvironmentVariable(name)))];

    /// <summary>How OpenMP threads wait in all processes, as the user has set it; null where nothing is set.</summary>
    internal static string? OpenMpWaitPolicy => s_ofUser[0].Value;

    /// <summary>The program and first arguments that start this command again.</summary>
    internal static IReadOnlyList<string> Deutero =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
            ? [Environment.ProcessPath!, Environment.GetCommandLineArgs()[0]]
            : [Environment.ProcessPath!];

    /// <summary>Runs a program that prints one result as JSON.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="cancellation">Ends the program.</param>
    /// <exception cref="InvalidDataException">It failed, or printed something else.</exception>
    internal static BenchResult Run(IReadOnlyList<string> command, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardOutput = true };
        foreach (var (name, value) in s_ofUser)
        {
            start.Environment[name] = value;
            if (value is null)
            {
                start.Environment.Remove(name);
            }
        }

        using var process = Started(start);
        using var killing = cancellation.Register(() => process.Kill(entireProcessTree: true));
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        cancellation.ThrowIfCancellationRequested();
        return process.ExitCode == 0
            ? Parse(output, command)
            : throw new InvalidDataException($"'{string.Join(' ', command)}' ended with exit code {process.ExitCode}.");
    }

    private static Process Started(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception absent)
        {
            throw new FileNotFoundException($"The program '{start.FileName}' could not be started: {absent.Message}.");
        }
    }

    private static BenchResult Parse(string output, IReadOnlyList<string> command)
    {
        try
        {
            return JsonSerializer.Deserialize<BenchResult>(output, BenchResult.Format)!;
        }
        catch (JsonException problem)
        {
            throw new InvalidDataException(
                $"'{string.Join(' ', command)}' should print one JSON object with the names of bench/README.md but printed '{Configuration.Spelling.Shortened(output.Trim())}': {problem.Message}");
        }
    }
}
