using System.CommandLine;
using System.Text.Json.Nodes;
using Deutero.Cli.Runs;
using Deutero.Cli.Terminal;
using Deutero.Evaluation;
using Deutero.Selection;
using Deutero.Torch;

namespace Deutero.Cli.Commands;

/// <summary><c>deutero select</c>: learns which of several runs, or learners that need no training, suits a task, from its support set.</summary>
internal static class SelectCommand
{
    private static readonly Argument<string[]> s_candidates = new("candidates")
    {
        Description = "Two or more run folders, or names of learners that need no training, such as nearest-centroid.", Arity = new(2, 20),
    };

    private static readonly Option<int[]> s_ways = new("--ways") { Description = "Classes of a task; default those of the first run.", HelpName = "N", AllowMultipleArgumentsPerToken = true };

    private static readonly Option<int[]> s_shots = new("--shots")
    {
        Description = "Support examples of each class.", HelpName = "N", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [1, 2, 3, 5],
    };

    private static readonly Option<int> s_queries = new("--queries") { Description = "Query examples of each class.", HelpName = "N", DefaultValueFactory = _ => 15 };

    private static readonly Option<int> s_episodes = new("--episodes")
    {
        Description = "Tasks of each number of classes and examples, to learn on, and as many to measure on.", HelpName = "N", DefaultValueFactory = _ => 50,
    };

    private static readonly Option<double> s_cost = new("--cost")
    {
        Description = "What a task that takes e times as long must be better by: the utility is the accuracy less COST times the logarithm of the seconds.", HelpName = "COST", DefaultValueFactory = _ => 0,
    };

    private static readonly Option<double> s_sureness = new("--sureness")
    {
        Description = "How probable it must be that another candidate is better than the one that is best on the whole.", HelpName = "SHARE", DefaultValueFactory = _ => 0.8,
    };

    private static readonly Option<ulong> s_seed = new("--seed") { Description = "Determines the tasks.", HelpName = "N", DefaultValueFactory = _ => 2029 };

    private static readonly Option<string?> s_output = new("--output", "-o") { Description = "Write the selector to this file, for 'deutero adapt'.", HelpName = "FILE.json" };

    internal static Command Create() => new Command("select", "Learn which of several runs suits a new task, from its support set.")
    {
        s_candidates, s_output, s_ways, s_shots, s_queries, s_episodes, s_cost, s_sureness, s_seed, SharedOptions.Data, SharedOptions.Device, SharedOptions.Json,
    }.Explained("""
        All candidates are tried on the same frozen tasks of validation classes, and a regression of each one's accuracy on features of the support set (its
        sizes, how well the nearest neighbour and the nearest class mean tell its classes apart) learns to choose. It is judged twice: on the validation
        tasks, those of one number of classes and examples at a time being left out of the fit; and on tasks of test classes. Beside it stand the mean of all
        candidates, the best single one, and the best of each task, which only hindsight knows; 'gap closed' is how far the selector gets from the
        second to the third. Where nothing speaks for another, it takes the best single one.

        Examples:
          deutero select runs/protonet runs/maml nearest-centroid -o selector.json
          deutero select runs/protonet runs/probe --ways 3 5 10 --shots 1 5
          deutero adapt selector.json --support letters --query new.png
        """).Runs(Execute);

    private static int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        var names = arguments.GetValue(s_candidates)!;
        var (cost, sureness, output) = (arguments.GetValue(s_cost), arguments.GetValue(s_sureness), arguments.GetValue(s_output));
        RequireSensible(cost, sureness, output);
        using var scope = new TensorScope();
        var candidates = SelectionCandidate.OpenAll(names, SharedOptions.SettingsOf(arguments));
        var first = candidates.First(candidate => candidate.IsRun).Run;
        var pools = first.Tasks.Pools ?? throw new ArgumentException($"A selector learns on validation classes of one data set, but the runs are of {first.Configuration.Data.Name}.");
        int[] ways = arguments.GetValue(s_ways) is { Length: > 0 } given ? given : [first.Configuration.Episodes.Ways];
        var tasks = new SelectionTasks(ways, arguments.GetValue(s_shots)!, arguments.GetValue(s_queries), arguments.GetValue(s_episodes), arguments.GetValue(s_seed));
        using var writer = ProgressWriter.ForStandardError(TimeSpan.FromSeconds(15));
        var (all, half) = (2 * tasks.Count * candidates.Length, tasks.Count * candidates.Length);
        TaskOutcome[] Try(Tasks.IClassPool pool, int before) =>
            tasks.Try(pool, candidates, done => writer.Report(new Progress { Iteration = before + done, Total = all }), cancellation);
        var (learned, measured) = (Try(pools.Validation, 0), Try(pools.Test, half));
        var selector = ParadigmSelector.Fit(names, learned, cost, sureness);
        Judgement[] judgements =
        [
            new($"{pools.Validation.Name}, {(ways.Length * tasks.Shots.Count > 1 ? "each kind of task left out of the fit in turn" : "a tenth of the tasks left out of the fit in turn")}", learned,
                ParadigmSelector.CrossValidate(names, learned, cost, sureness), cost),
            new($"{pools.Test.Name}, with the selector as it is", measured, [.. measured.Select(task => selector.Choose(task.Features).Candidate)], cost),
        ];
        if (output is not null)
        {
            SelectorFile.Write(output, selector, [.. candidates.Select(candidate => candidate.IsRun)]);
        }

        Console.Write(arguments.GetValue(SharedOptions.Json)
            ? new JsonArray([.. judgements.Select(judgement => (JsonNode)judgement.ToJson(names))]).ToJsonString(JsonText.Indented) + "\n"
            : string.Join('\n', judgements.Select(judgement => judgement.Text(names))));
        return ExitCodes.Done;
    }

    private static void RequireSensible(double cost, double sureness, string? output)
    {
        if (!(cost >= 0) || !double.IsFinite(cost) || sureness is not (>= 0.5 and <= 1))
        {
            throw new ArgumentException($"--cost must be at least 0 and --sureness between 0.5 and 1, but they are {cost} and {sureness}.");
        }

        if (output is not null && Path.GetExtension(output) != ".json")
        {
            throw new ArgumentException($"A selector is a .json file, but --output is '{output}'.");
        }
    }

    private sealed record Judgement(string Tasks, TaskOutcome[] Outcomes, int[] Chosen, double Cost)
    {
        private SelectionFigures Figures { get; } = SelectionFigures.Of(Outcomes, Chosen, Cost);

        internal string Text(string[] names)
        {
            string[] Row(string what, Interval value, int? times = null) => [what, $"{value.Mean:F4}", $"± {value.HalfWidth:F4}", times is { } count ? $"{count}" : ""];
            var table = new TextTable
            {
                Columns = ["", Cost > 0 ? "utility" : "accuracy", "95%", "chosen"],
                Rows =
                [
                    .. names.Select((name, i) => Row(name, UtilityOf(i), Chosen.Count(own => own == i))),
                    Row("mean of all", Figures.Average), Row($"best single: {names[Figures.SingleBestCandidate]}", Figures.SingleBest), Row("selector", Figures.Selector),
                    Row("best of each task, with hindsight", Figures.VirtualBest), Row("selector over best single", Figures.Lead),
                ],
            };
            var gap = double.IsNaN(Figures.GapClosed) ? "there is no gap to close" : $"gap closed: {100 * Figures.GapClosed:F1} % (95%: {100 * Figures.GapFrom:F1} to {100 * Figures.GapTo:F1})";
            return $"{Outcomes.Length} tasks of {Tasks}\n{table.Render()}{gap}\n";
        }

        internal JsonObject ToJson(string[] names) => new()
        {
            ["tasks"] = Tasks,
            ["count"] = Outcomes.Length,
            ["candidates"] = new JsonArray([.. names.Select((name, i) => (JsonNode)new JsonObject
            {
                ["name"] = name, ["mean"] = UtilityOf(i).Mean, ["halfWidth95"] = UtilityOf(i).HalfWidth, ["chosen"] = Chosen.Count(own => own == i),
                ["seconds"] = Outcomes.Average(task => task.Seconds[i]),
            })]),
            ["average"] = Json(Figures.Average),
            ["singleBest"] = Json(Figures.SingleBest),
            ["selector"] = Json(Figures.Selector),
            ["virtualBest"] = Json(Figures.VirtualBest),
            ["lead"] = Json(Figures.Lead),
            ["gapClosed"] = Finite(Figures.GapClosed),
            ["gapClosed95"] = new JsonArray(Finite(Figures.GapFrom), Finite(Figures.GapTo)),
        };

        private static JsonObject Json(Interval value) => new() { ["mean"] = value.Mean, ["halfWidth95"] = Finite(value.HalfWidth) };

        private static JsonNode? Finite(double value) => double.IsFinite(value) ? value : null;

        private Interval UtilityOf(int candidate) => Interval.Of([.. Outcomes.Select(task => task.Utilities(Cost)[candidate])]);
    }
}
