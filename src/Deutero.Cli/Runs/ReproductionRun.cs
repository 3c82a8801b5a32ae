using System.Text.Json;
using System.Text.Json.Nodes;
using Deutero.Cli.Commands;
using Deutero.Cli.Ledger;
using Deutero.Training;

namespace Deutero.Cli.Runs;

/// <summary>One reproduction with one seed: trains or continues, evaluates, and writes the record.</summary>
/// <param name="reproduction">What is reproduced.</param>
/// <param name="repetition">1 for the seed of the reproduction itself, 2 and more for further seeds.</param>
/// <param name="options">How.</param>
internal sealed class ReproductionRun(Reproduction reproduction, int repetition, ReproductionOptions options)
{
    // Stages of a training have seeds 1, 2, 3: repetitions keep clear of them.
    private const ulong SeedStride = 10;

    private readonly RunFolder _folder = new(Path.Combine(options.Output, FolderName(reproduction.Name, repetition, options)));
    private TrainingBudget? _budget;

    /// <summary>The run's configuration, for the whole training.</summary>
    internal RunConfiguration Configuration => Configured([], options.Output);

    /// <summary>The same wherever runs and data lie, as a record tells it to others.</summary>
    internal RunConfiguration Recorded
    {
        get
        {
            var configuration = Configured([], "runs");
            return configuration with { Data = configuration.Data with { Folder = "" } };
        }
    }

    /// <summary>Whether there is something to meta-learn: otherwise further seeds change nothing.</summary>
    internal bool Trains => NeedsTraining(Run.Open(Configuration));

    /// <summary>Runs what is left to run.</summary>
    /// <param name="ranks">The processes that share the work.</param>
    /// <param name="cancellation">Stops, saving first.</param>
    /// <returns>The record, in all processes; null where training was stopped.</returns>
    internal string? Execute(Ranks ranks, CancellationToken cancellation)
    {
        var run = Opened([], ranks);
        using var held = ranks.IsFirst ? _folder.Hold() : null;
        if (options.BudgetMinutes is { } minutes && NeedsTraining(run))
        {
            var text = ranks.FromFirst(() => JsonSerializer.Serialize(TrainingBudget.For(Run.Open(Configuration), _folder, minutes, cancellation)));
            _budget = JsonSerializer.Deserialize<TrainingBudget>(text);
            run = Opened([], ranks);
        }

        if (ranks.FromFirst(Finished) is { Length: > 0 } record)
        {
            return record;
        }

        Prepare(ranks);
        if (NeedsTraining(run) && TrainCommand.Train(run, _folder, Run.Schema.ToJson(run.Configuration), cancellation).Outcome == TrainingOutcome.Cancelled)
        {
            return null;
        }

        var meter = new CostMeter(processes: ranks.Group?.Size ?? 1);
        var figures = reproduction.Checks.GroupBy(check => string.Join(' ', check.Settings)).SelectMany(group => Judge([.. group], ranks, cancellation)).ToArray();
        return ranks.FromFirst(() => Written(run, figures, meter.Total));
    }

    private static string FolderName(string name, int repetition, ReproductionOptions options) =>
        name + (options.BudgetMinutes is { } minutes ? $"-{minutes}min" : "") + (repetition > 1 ? $"-run{repetition}" : "");

    private static bool NeedsTraining(Run run) => run.Configuration.Learner.Init(run.Model, Torch.Generator.Seed(0)).Count > 0;

    private Run Opened(IReadOnlyList<string> settings, Ranks ranks)
    {
        var run = Run.Open(Configured(settings, options.Output));
        run.Ranks = ranks;
        return run;
    }

    // A later stage of a training starts from the earlier stage of the same repetition and budget.
    private RunConfiguration Configured(IReadOnlyList<string> settings, string output)
    {
        var written = Run.Schema.Parse<RunConfiguration>(reproduction.Configuration, reproduction.Name, [.. options.Settings, .. settings]);
        var training = written.Training;
        string Earlier(string run) => run.Length > 0 ? $"{Path.TrimEndingDirectorySeparator(output)}/{FolderName(Path.GetFileName(run), repetition, options)}" : "";
        var tasks = written.Episodes.TrainTasks;
        return written with
        {
            StartFrom = Earlier(written.StartFrom),
            Data = written.Data with { Body = Earlier(written.Data.Body) },
            Episodes = written.Episodes with { TrainTasks = tasks is TrainTasks.Cactus cactus ? cactus with { Body = Earlier(cactus.Body) } : tasks },
            Training = training with
            {
                Seed = training.Seed + (SeedStride * (ulong)(repetition - 1)),
                Iterations = _budget?.Iterations ?? training.Iterations,
                ValidateEvery = _budget?.ValidateEvery ?? training.ValidateEvery,
            },
        };
    }

    // The record of an earlier session, if it is of the same configuration and figures.
    private string Finished()
    {
        if (!File.Exists(_folder.ReproductionFile))
        {
            return "";
        }

        var text = File.ReadAllText(_folder.ReproductionFile);
        var record = LedgerRecord.Read(text);
        return record.ConfigurationHash == Run.Schema.Hash(Recorded) && record.Evaluation is not null
            && record.Figures.Select(figure => figure.Name).SequenceEqual(reproduction.Checks.Select(check => check.Name)) ? text : "";
    }

    private void Prepare(Ranks ranks)
    {
        if (ranks.IsFirst)
        {
            _folder.Prepare();
            Console.Error.WriteLine($"{reproduction.Title}: {_folder.Path}");
        }
    }

    private IEnumerable<ReproducedFigure> Judge(ReproductionCheck[] checks, Ranks ranks, CancellationToken cancellation)
    {
        var run = Opened(checks[0].Settings, ranks);
        var result = EvaluateCommand.Evaluate(run, NeedsTraining(run) ? _folder : null, cancellation);
        return checks.Select(check => new ReproducedFigure(check, result));
    }

    private string Written(Run run, ReproducedFigure[] figures, Cost evaluation)
    {
        var deviations = string.Join(' ', ((string[])
        [
            reproduction.Deviations, _budget?.Deviation ?? "", options.Changes.Any() ? $"Changed settings: {string.Join(", ", options.Changes)}." : "",
        ]).Where(text => text.Length > 0));
        var recorded = Recorded;
        var record = new JsonObject
        {
            ["reproduction"] = reproduction.Name,
            ["benchmark"] = reproduction.Benchmark,
            ["learner"] = reproduction.Learner,
            ["title"] = reproduction.Title,
            ["deviations"] = deviations,
            ["command"] = Command,
            ["commit"] = RunEnvironment.Commit,
            ["seed"] = run.Configuration.Training.Seed,
            ["configurationHash"] = Run.Schema.Hash(recorded),
            ["configuration"] = JsonNode.Parse(Run.Schema.ToJson(recorded)),
            ["environment"] = JsonNode.Parse(RunEnvironment.Json()),
            ["updates"] = NeedsTraining(run) ? run.Configuration.Training.Iterations : 0,
            ["training"] = NeedsTraining(run) ? CostMeter.Read(_folder)?.ToJson() : null,
            ["evaluation"] = evaluation.ToJson(),
            ["figures"] = new JsonArray([.. figures.Select(figure => (JsonNode)figure.ToJson())]),
        };
        var text = JsonText.Compact(record) + "\n";
        RunFolder.WriteText(_folder.ReproductionFile, text);
        return text;
    }

    private string Command => string.Join(' ', (IEnumerable<string>)
    [
        "deutero reproduce", reproduction.Name,
        .. options.BudgetMinutes is { } minutes ? [$"--budget {minutes}"] : Array.Empty<string>(),
        .. repetition > 1 ? [$"--seeds {repetition}"] : Array.Empty<string>(),
        .. options.Changes.Select(change => $"--set {change}"),
    ]);
}
