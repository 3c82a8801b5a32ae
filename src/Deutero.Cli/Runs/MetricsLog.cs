using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Deutero.Torch.Serialization;
using Deutero.Training;

namespace Deutero.Cli.Runs;

/// <summary>The metrics of a training as JSON lines, appended while it runs.</summary>
public sealed class MetricsLog : IDisposable
{
    private const int Every = 10;

    private readonly StreamWriter _writer;

    /// <summary>Opens the log to continue after an iteration; later lines, written after the last checkpoint, are dropped.</summary>
    /// <param name="path">The file.</param>
    /// <param name="iteration">The iteration that training continues from; 0 starts a new log.</param>
    public MetricsLog(string path, int iteration)
    {
        var kept = iteration == 0 ? [] : Read(path).Where(row => row["iteration"]!.GetValue<int>() <= iteration).Select(row => row.ToJsonString()).ToArray();
        AtomicFile.Write(path, stream =>
        {
            foreach (var line in kept)
            {
                stream.Write(Encoding.UTF8.GetBytes(line + "\n"));
            }
        });
        _writer = new StreamWriter(path, append: true) { AutoFlush = true };
    }

    /// <summary>Writes every tenth iteration, and those that were validated.</summary>
    /// <param name="progress">How far training is.</param>
    public void Add(TrainingProgress progress)
    {
        if (progress.Iteration % Every != 0 && progress.Validation is null && progress.Iteration != progress.Iterations)
        {
            return;
        }

        var row = new JsonObject { ["iteration"] = progress.Iteration, ["loss"] = progress.Loss };
        if (!double.IsNaN(progress.Accuracy))
        {
            row["accuracy"] = progress.Accuracy;
        }

        if (progress.Validation is { } validation)
        {
            row["validation"] = validation.Mean;
            row["validationHalfWidth"] = validation.HalfWidth;
        }

        row["seconds"] = Math.Round(progress.Elapsed.TotalSeconds, 3);
        row["tasksPerSecond"] = Math.Round(progress.TasksPerSecond, 3);
        row["memoryMiB"] = PeakMemory.Present >> 20;
        _writer.WriteLine(row.ToJsonString());
    }

    /// <inheritdoc/>
    public void Dispose() => _writer.Dispose();

    /// <summary>Reads a log; a last line that a kill cut in two is left out.</summary>
    /// <param name="path">The file; a missing one is empty.</param>
    public static IReadOnlyList<JsonObject> Read(string path)
    {
        var rows = new List<JsonObject>();
        foreach (var line in File.Exists(path) ? File.ReadLines(path) : [])
        {
            try
            {
                rows.Add(JsonNode.Parse(line)!.AsObject());
            }
            catch (JsonException)
            {
                break;
            }
        }

        return rows;
    }
}
