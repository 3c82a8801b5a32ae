using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Deutero.Service.Tests;

/// <summary>The commands of docs/service.md, one after the other in one shell, as a reader would type them.</summary>
public sealed partial class DocumentedExamplesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("deutero-docs-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Every_example_of_the_page_runs()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/curl"), "curl is not installed.");
        var script = Script(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "service.md"), TestContext.Current.CancellationToken));
        Assert.InRange(Curl().Count(script), 12, 100);
        Command.Train(Path.Combine(_folder, "runs", "first"));
        Command.Train(Path.Combine(_folder, "runs", "second"));
        Command.Train(Path.Combine(_folder, "runs", "running"), "--set", "model.batchNorm=running");
        using var inputs = new TrainedInputs();
        using var service = Command.Serve(
            Path.Combine(_folder, "service"), out var url, "--model", $"letters={_folder}/runs/first", "--model", $"sentences={inputs.Texts}", "--model", $"things={inputs.Table}",
            "--model-folder", Path.Combine(_folder, "runs"));

        // The service has a port of its own. It runs already, its models are trained, and calibrating one takes minutes.
        var prelude = $$"""
            set -euo pipefail
            cd "{{_folder}}"
            deutero() {
              case $1 in train|serve|calibrate) return ;; pack) set -- "$@" --uncalibrated ;; esac
              dotnet "{{Command.Of("Deutero.Cli")}}" "$@"
            }
            curl() { command curl --silent --show-error --fail-with-body --connect-to localhost:5080:{{url.Host}}:{{url.Port}} "$@"; echo; }

            """;
        var (exit, output) = await Bash(prelude + script);
        Assert.True(exit == 0, output);
        Assert.Equal(2, Regex.Count(output, "\"probabilities\":{\"a\":") - Regex.Count(output, "\"prediction\":"));
        Assert.Contains("{\"class\":\"refund\"", output, StringComparison.Ordinal);
        Assert.Contains("{\"class\":\"large\"", output, StringComparison.Ordinal);
        Assert.Contains("event: result", output, StringComparison.Ordinal);
        await Command.End(service);
    }

    // Indented lines are commands.
    private static string Script(string page) => string.Concat(page.Split('\n').Where(line => line.StartsWith("    ", StringComparison.Ordinal)).Select(line => line[4..] + "\n"));

    private static async Task<(int Exit, string Output)> Bash(string script)
    {
        var trace = script.Replace("set -euo pipefail", "set -euxo pipefail; exec 2>&1", StringComparison.Ordinal);
        using var bash = Process.Start(new ProcessStartInfo("bash", ["-c", trace]) { RedirectStandardOutput = true })!;
        var output = await bash.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await bash.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (bash.ExitCode, output);
    }

    [GeneratedRegex("^curl ", RegexOptions.Multiline)]
    private static partial Regex Curl();
}
