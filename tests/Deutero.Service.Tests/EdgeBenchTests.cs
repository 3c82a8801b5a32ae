using System.Text.Json.Nodes;

namespace Deutero.Service.Tests;

public sealed class EdgeBenchTests
{
    [Fact]
    public void The_command_measures_adaptation_and_prediction()
    {
        var folder = Directory.CreateTempSubdirectory("deutero-edge-").FullName;
        Command.Train(Path.Combine(folder, "run"));
        var (exit, output) = Command.Run(Command.Of("Deutero.Cli"), "bench", "edge", Path.Combine(folder, "run"), "--shots", "1", "--json");
        Assert.True(exit == 0, output);
        var figures = JsonNode.Parse(output)!;
        foreach (var (kind, count) in (ReadOnlySpan<(string, int)>)[("adapt", 300), ("predict", 2000)])
        {
            Assert.Equal(count, (int)figures[kind]!["count"]!);
            Assert.InRange((double)figures[kind]!["p50Ms"]!, 0.01, (double)figures[kind]!["p99Ms"]!);
        }

        Directory.Delete(folder, recursive: true);
    }
}
