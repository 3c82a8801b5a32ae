using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Deutero.Cli.Configuration;
using Deutero.Client;
using Deutero.Data;
using Deutero.Service.Runs;
using Deutero.Tasks;
using Deutero.Torch;
using Deutero.Torch.Imaging;

namespace Deutero.Cli.Runs;

/// <summary>The run folders in a folder, read anew for each question, so that running trainings are seen.</summary>
/// <remarks>A run's name is that of a folder that is there, never a path: what is asked for is compared with what is found.</remarks>
public sealed class RunsFolder : IRunSource
{
    private const int MostItems = 400;

    // A training writes a line at least this often; one that is silent for longer was stopped or killed.
    private static readonly TimeSpan s_silence = TimeSpan.FromMinutes(2);

    private readonly string _path;
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, (DateTime Written, RunScore? Score)> _scores = new(StringComparer.Ordinal);
    private (string Configuration, TaskFamily Tasks)? _opened;

    /// <summary>Shows the runs in a folder.</summary>
    /// <param name="path">The folder that holds run folders; it may be empty yet.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public RunsFolder(string path) =>
        _path = Directory.Exists(path) ? path : throw new DirectoryNotFoundException($"{path} is no folder: --runs expects one that holds run folders.");

    /// <inheritdoc/>
    public IReadOnlyList<RunSummary> List() => [.. Folders().Select(Summary).OfType<RunSummary>().OrderByDescending(run => run.Changed)];

    /// <inheritdoc/>
    public RunState? Find(string name) => Folder(name) is { } folder && Summary(folder) is { } summary
        ? new(summary, Json(folder.ConfigurationFile)!.Deserialize<JsonElement>(), Json(folder.EnvironmentFile)?.Deserialize<JsonElement>(), Text(folder.CardFile))
        : null;

    /// <inheritdoc/>
    public RunMetrics? Metrics(string name, int after) => Folder(name) is { } folder && Summary(folder) is { } summary
        ? new(summary.Status, [.. MetricsLog.Read(folder.MetricsFile).Where(row => (int)row["iteration"]! > after).Select(Metric)])
        : null;

    /// <inheritdoc/>
    public SampledEpisode? Episode(string name, ulong seed, bool test)
    {
        if (Folder(name) is not { } folder)
        {
            return null;
        }

        using var scope = new TensorScope();
        using var random = Generator.Seed(seed);
        var tasks = Tasks(folder);
        var from = test ? tasks.Test : tasks.Train;
        var episode = from.Sample(random);
        return new(from.Name, episode.Ways, tasks.ItemShape, Items(episode.Support, tasks.ItemShape), Items(episode.Query, tasks.ItemShape));
    }

    // [C, H, W] in [0, 1] becomes bytes; a number or a row of numbers is shown as it is.
    private static EpisodeItem[] Items(Examples examples, IReadOnlyList<long> shape)
    {
        var count = (int)Math.Min(examples.Count, MostItems);
        var isImage = shape is [1 or 3, _, _];
        var size = (int)shape.Aggregate(1L, (product, length) => product * length);
        var values = examples.Inputs.To(DType.Float32).Contiguous().ToArray<float>();
        var targets = examples.Targets.To(DType.Float64).Contiguous().ToArray<double>();
        var width = targets.Length / (int)examples.Count;
        return [.. Enumerable.Range(0, count).Select(i => values.AsSpan(i * size, size).ToArray()).Select((item, i) => new EpisodeItem(
            targets[i * width], isImage ? Array.ConvertAll(item, value => (byte)Math.Clamp(Math.Round(255 * value), 0, 255)) : null, isImage ? null : item))];
    }

    private static RunMetric Metric(JsonObject row) => new(
        (int)row["iteration"]!, (double?)row["loss"], (double?)row["accuracy"], (double?)row["validation"], (double?)row["validationHalfWidth"],
        (double?)row["seconds"] ?? 0, (double?)row["tasksPerSecond"] ?? 0, (double?)row["memoryMiB"]);

    // Null where the folder is no run, or its configuration is being written.
    private RunSummary? Summary(RunFolder folder)
    {
        if (Json(folder.ConfigurationFile) is not JsonObject configuration)
        {
            return null;
        }

        var iteration = MetricsLog.Read(folder.MetricsFile) is [.., var last] ? (int)last["iteration"]! : 0;
        var iterations = (int?)configuration["training"]?["iterations"] ?? 0;
        var changed = File.GetLastWriteTimeUtc(File.Exists(folder.MetricsFile) ? folder.MetricsFile : folder.ConfigurationFile);
        var status = File.Exists(folder.ModelFile) && iteration >= iterations ? "finished" : TimeProvider.System.GetUtcNow() - changed < s_silence ? "running" : "interrupted";
        return new(
            Path.GetFileName(folder.Path), status, (string?)configuration["learner"]?["type"] ?? "", (string?)configuration["data"]?["name"] ?? "",
            iteration, iterations, changed, Score(folder));
    }

    // An evaluation holds every episode: a megabyte, read again only when it changed.
    private RunScore? Score(RunFolder folder)
    {
        var written = File.GetLastWriteTimeUtc(folder.EvaluationFile);
        return _scores.AddOrUpdate(
            folder.EvaluationFile, _ => (written, ReadScore(folder)), (_, known) => known.Written == written ? known : (written, ReadScore(folder))).Score;
    }

    private static RunScore? ReadScore(RunFolder folder) => Json(folder.EvaluationFile) is not JsonObject evaluation ? null : new(
        (string?)evaluation["metric"] ?? "", (double?)evaluation["mean"] ?? 0, (double?)evaluation["halfWidth95"] ?? 0, (int?)evaluation["episodes"] ?? 0,
        (string?)evaluation["source"] ?? "", [.. (evaluation["curve"] as JsonArray ?? []).Select(value => (double)value!)]);

    private static JsonNode? Json(string path)
    {
        try
        {
            return File.Exists(path) ? JsonNode.Parse(File.ReadAllText(path)) : null;
        }
        catch (Exception unreadable) when (unreadable is JsonException or IOException)
        {
            return null;
        }
    }

    private static string Text(string path) => File.Exists(path) ? File.ReadAllText(path) : "";

    private IEnumerable<RunFolder> Folders() => Directory.EnumerateDirectories(_path).Select(path => new RunFolder(path));

    private RunFolder? Folder(string name) => Folders().FirstOrDefault(folder => Path.GetFileName(folder.Path) == name && File.Exists(folder.ConfigurationFile));

    // The data of one run are kept open: they are asked for episode after episode.
    private TaskFamily Tasks(RunFolder folder)
    {
        var configuration = Text(folder.ConfigurationFile);
        lock (_lock)
        {
            if (_opened?.Configuration != configuration)
            {
                _opened = (configuration, Open(folder));
            }

            return _opened.Value.Tasks;
        }
    }

    private static TaskFamily Open(RunFolder folder)
    {
        try
        {
            return TaskFamily.Open(Run.Schema.Load<RunConfiguration>(folder.ConfigurationFile));
        }
        catch (Exception mistake) when (mistake is ConfigurationException or DataNotFoundException or DataFormatException or ImageFormatException)
        {
            throw new InvalidDataException(mistake.Message, mistake);
        }
    }
}
