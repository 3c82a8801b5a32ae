using System.CommandLine;
using System.Text.Json.Nodes;
using Deutero.Cli.Ledger;
using Deutero.Cli.Runs;
using Deutero.Cli.Terminal;
using Deutero.Training;

namespace Deutero.Cli.Commands;

/// <summary><c>deutero reproduce</c>: trains published settings, or continues them, and compares the figures.</summary>
internal static class ReproduceCommand
{
    private static readonly Argument<string?> s_name = new("name") { Description = "The reproduction; leave it and --learner and --benchmark out to list them.", Arity = ArgumentArity.ZeroOrOne };

    private static readonly Option<string?> s_learner = new("--learner") { Description = "All reproductions of a learner, such as maml.", HelpName = "NAME" };

    private static readonly Option<string?> s_benchmark = new("--benchmark") { Description = "All reproductions on a benchmark: the part of their names before the first dash.", HelpName = "NAME" };

    private static readonly Option<double?> s_budget = new("--budget")
    {
        Description = "Minutes for each training: as many updates as fit are trained, and the record says so; default the whole training.", HelpName = "MINUTES",
    };

    private static readonly Option<int> s_seeds = new("--seeds") { Description = "Seeds of each training, one run folder each; default 1.", HelpName = "N", DefaultValueFactory = _ => 1 };

    private static readonly Option<string> s_output = new("--output", "-o") { Description = "The folder below which each reproduction has its run folder; default runs.", HelpName = "FOLDER", DefaultValueFactory = _ => "runs" };

    internal static Command Create() => new Command("reproduce", "Train published settings and compare their figures; interrupted, the same command continues.")
    {
        s_name, s_learner, s_benchmark, s_budget, s_seeds, s_output, SharedOptions.Set, SharedOptions.Data, SharedOptions.Device, SharedOptions.Precision, SharedOptions.Json,
    }.Explained("""
        Without a name, --learner or --benchmark, lists what can be reproduced. Each run folder holds the model and reproduction.json: the figures beside the
        published ones, every episode's score, calibration, seed, commit, time, energy, memory and deviations. What has its record is not run again.
        'deutero results' makes pages of the records. Exit code 3 when a figure misses its bound.

        Examples:
          deutero reproduce sinusoid-maml
          deutero reproduce omniglot-protonet --data my-data --seeds 3
          deutero reproduce --benchmark omniglot --budget 20
        """).Runs(Execute);

    private static int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        var selected = Selected(arguments);
        if (selected is null)
        {
            var rows = Reproduction.All.Select(one => (IReadOnlyList<string>)[one.Name, one.Title]).ToArray();
            Console.WriteLine(new TextTable { Columns = ["name", "reproduces"], Rows = rows }.Render());
            return ExitCodes.Done;
        }

        var runs = Planned(arguments, selected);
        using var ranks = Ranks.Join(runs[0].Configuration, cancellation, out cancellation);
        var records = new JsonArray();
        var code = ExitCodes.Done;
        foreach (var run in runs)
        {
            if (Run(run, ranks, cancellation, ref code) is not { } text)
            {
                ranks.Progress.WriteLine("Stopped and saved; the same command continues.");
                return ExitCodes.Cancelled;
            }

            records.Add(text.Length > 0 ? JsonNode.Parse(text) : null);
            if (ranks.IsFirst && text.Length > 0 && !arguments.GetValue(SharedOptions.Json))
            {
                Console.WriteLine(Table(LedgerRecord.Read(text)));
            }
        }

        if (ranks.IsFirst && arguments.GetValue(SharedOptions.Json))
        {
            Console.WriteLine(JsonText.Compact(runs.Count == 1 && records[0] is { } only ? only : records));
        }

        return code;
    }

    // The record; empty where training diverged, which must not end a long list of runs; null where it was stopped.
    private static string? Run(ReproductionRun run, Ranks ranks, CancellationToken cancellation, ref int code)
    {
        try
        {
            var text = run.Execute(ranks, cancellation);
            code = text is null || LedgerRecord.Read(text).Figures.All(figure => figure.Verdict is "reproduced" or "not comparable") ? code : ExitCodes.CheckFailed;
            return text;
        }
        catch (DivergenceException divergence)
        {
            ranks.Progress.WriteLine(divergence.Message);
            code = ExitCodes.CheckFailed;
            return "";
        }
    }

    private static Reproduction[]? Selected(ParseResult arguments)
    {
        var (name, learner, benchmark) = (arguments.GetValue(s_name), arguments.GetValue(s_learner), arguments.GetValue(s_benchmark));
        if (name is null && learner is null && benchmark is null)
        {
            return null;
        }

        Reproduction[] all = name is null ? [.. Reproduction.All] : [Reproduction.Find(name)];
        Reproduction[] selected = [.. all.Where(one => (learner is null || one.Learner == learner) && (benchmark is null || one.Benchmark == benchmark)).OrderBy(one => one.EarlierStages)];
        return selected.Length > 0 ? selected : throw new ArgumentException(
            $"No reproduction has {string.Join(" and ", ((string?[])[learner is null ? null : $"learner {learner}", benchmark is null ? null : $"benchmark {benchmark}"]).OfType<string>())}; "
            + $"learners are {Names(all, one => one.Learner)} and benchmarks {Names(all, one => one.Benchmark)}.");
    }

    private static string Names(Reproduction[] all, Func<Reproduction, string> name) => string.Join(", ", all.Select(name).Distinct().Order(StringComparer.Ordinal));

    private static List<ReproductionRun> Planned(ParseResult arguments, Reproduction[] selected)
    {
        var (seeds, budget) = (arguments.GetValue(s_seeds), arguments.GetValue(s_budget));
        if (seeds < 1 || budget is <= 0)
        {
            throw new ArgumentException(seeds < 1 ? $"--seeds must be at least 1 but is {seeds}." : $"--budget must be a positive number of minutes but is {budget}.");
        }

        var options = new ReproductionOptions(arguments.GetValue(s_output)!, SharedOptions.SettingsOf(arguments), budget);
        return [.. selected.SelectMany(reproduction =>
        {
            var first = new ReproductionRun(reproduction, 1, options);
            return seeds == 1 || !first.Trains ? [first] : Enumerable.Range(1, seeds).Select(repetition => new ReproductionRun(reproduction, repetition, options));
        })];
    }

    private static string Table(LedgerRecord record) =>
        $"{record.Title}, seed {record.Seed}\n{record.Deviations}\n\n" + new TextTable
        {
            Columns = ["figure", "reached", "95%", "wanted", "published", "verdict"],
            Rows = [.. record.Figures.Select(figure => (IReadOnlyList<string>)
            [
                figure.Name, figure.Text(figure.Score), $"± {figure.Text(figure.HalfWidth)}", figure.Check.Wanted, $"{figure.Check.Published:F2}", figure.Verdict,
            ])],
        }.Render();
}
