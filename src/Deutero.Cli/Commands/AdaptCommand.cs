using System.CommandLine;
using System.Text.Json.Nodes;
using Deutero.Cli.Inputs;
using Deutero.Cli.Runs;
using Deutero.Cli.Terminal;
using Deutero.Edge;
using Deutero.Selection;
using Deutero.Torch;

namespace Deutero.Cli.Commands;

/// <summary><c>deutero adapt</c>: a trained model learns the user's own classes from a few examples of each, and classifies others.</summary>
internal static class AdaptCommand
{
    private static readonly Argument<string> s_run = new("run") { Description = "A run folder written by 'deutero train', a package, or a selector (.json) written by 'deutero select'." };

    private static readonly Option<string> s_support = new("--support", "-s")
    {
        Description = "A folder with one folder for each class, which holds a few example images (PNG or JPEG); of texts or rows a file with their classes.", HelpName = "PATH", Required = true,
    };

    private static readonly Option<string[]> s_query = new("--query", "-q")
    {
        Description = "What to classify: image files, or a folder; of texts or rows files of them. Where classes are given, the accuracy is printed too.", HelpName = "FILES",
        Required = true, AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<InkPolarity> s_invert = new("--invert")
    {
        Description = "Turn dark ink on bright paper into bright ink on dark, as glyphs and omniglot are; auto looks at each image's border.",
        HelpName = "auto|yes|no",
    };

    internal static Command Create() => new Command("adapt", "Adapt a trained model to classes of your own, from a few examples each.")
    {
        s_run, s_support, s_query, s_invert, SharedOptions.Json,
    }.Explained("""
        Images are resized to the model's size (a square) and colours. A prototypical network takes any number of classes; MAML and Reptile as many as
        they were trained with. Each query is predicted on its own, so a prediction does not depend on the others; figures of 'deutero evaluate' are
        often a little higher, because by default they normalise an episode's queries together.

        A model of texts (data.name=intents-..., text:FILE) takes .tsv, .csv or .jsonl files with the columns text and label, and to classify also a .txt
        file with a text a line. A model of a table (table:FILE, csv:FILE) takes .csv or .arff files with its columns; of what is to be classified the class
        may be missing.

        Of a selector, the candidate that it chooses for the support set is adapted, and named.

        Examples:
          deutero adapt runs/first --support letters --query new.png
          deutero adapt runs/first --support letters --query scans/*.jpg --json
          deutero adapt runs/intents --support mine.tsv --query questions.txt

          letters/a/1.png  letters/a/2.png  letters/b/1.png ...    one folder for each class
        """).Runs(Execute);

    private static int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        var (path, polarity) = (arguments.GetValue(s_run)!, arguments.GetValue(s_invert));
        (IReadOnlyList<LabelledItem> Items, int Inverted) Support(TrainedModel model) =>
            LabelledItem.Examples(arguments.GetValue(s_support)!, model.Model.Input, model.Configuration.Data.Name, polarity, cancellation);
        using var trained = SelectorFile.Is(path) ? Chosen(SelectorFile.Read(path), model => Support(model).Items) : TrainedModel.Open(path);
        var (input, source) = (trained.Model.Input, trained.Configuration.Data.Name);
        var (support, supportInverted) = Support(trained);
        var (queries, queriesInverted) = LabelledItem.Queries(arguments.GetValue(s_query)!, input, source, polarity, cancellation);
        string[] classes = [.. support.Select(item => item.Class!).Distinct()];
        trained.Model.RequireWays(classes.Length);
        var inverted = supportInverted + queriesInverted;
        Announce(trained, support.Count + queries.Count, inverted, polarity);
        var byClass = support.ToLookup(item => item.Class, item => item.Values);
        using var adapted = trained.Model.Adapt([.. classes.Select(name => new SupportClass(name, [.. byClass[name]]))]);
        var predictions = queries.Select(query =>
        {
            cancellation.ThrowIfCancellationRequested();
            return new Prediction(query, classes, [.. adapted.Predict(query.Values).Probabilities]);
        }).ToArray();
        Console.Write(arguments.GetValue(SharedOptions.Json)
            ? Json(trained, classes, support.Count, inverted, predictions)
            : Table(trained.Model.Input.Kind, classes, predictions));
        return ExitCodes.Done;
    }

    // What the selector chooses for a support set; all candidates take the same input.
    private static TrainedModel Chosen(SelectorFile selector, Func<TrainedModel, IReadOnlyList<LabelledItem>> supportFor)
    {
        ParadigmChoice choice;
        using (var any = selector.Open(selector.FirstRun))
        {
            var items = supportFor(any);
            string[] classes = [.. items.Select(item => item.Class!).Distinct()];
            using var scope = new TensorScope();
            var inputs = Tensor.From([.. items.SelectMany(item => item.Values)], items.Count, any.Model.Input.ItemSize);
            choice = selector.Selector.Choose(TaskFeatures.Of(new(inputs, Tensor.From([.. items.Select(item => (long)Array.IndexOf(classes, item.Class))]), classes.Length)));
        }

        Console.Error.WriteLine($"chosen: {selector.Selector.Candidates[choice.Candidate]} of {string.Join(", ", selector.Selector.Candidates.Select((name, i) => $"{name} ({choice.Expected[i]:F3} expected)"))}");
        return selector.Open(choice.Candidate);
    }

    private static void Announce(TrainedModel model, int items, int inverted, InkPolarity polarity)
    {
        var input = model.Model.Input;
        if (input.Image is { } images)
        {
            var why = polarity != InkPolarity.Auto ? "as asked"
                : images.InkIsBright ? "those whose border is bright: the model learned bright ink on a dark ground"
                : "the model learned images as they are";
            var size = $"{images.Size}x{images.Size}, {(images.Channels == 1 ? "grey" : "RGB")}";
            Console.Error.WriteLine($"images: {items} at {size}; inverted {inverted} ({why})");
        }
        else
        {
            Console.Error.WriteLine($"{input.Kind.ToString().ToLowerInvariant()}: {items}, which became {input.ItemSize} numbers each");
        }

        Console.Error.WriteLine($"BatchNorm statistics: {model.Model.BatchNorm}");
    }

    private static string Table(InputKind kind, string[] classes, Prediction[] predictions)
    {
        var table = new TextTable
        {
            Columns = [kind switch { InputKind.Images => "file", InputKind.Texts => "text", _ => "row" }, "class", "probability", .. classes],
            Rows = [.. predictions.Select(one => (string[])[one.Query.Name, one.Best, Percent(one.Probability), .. one.Row.Select(Percent)])],
        };
        return table.Render() + (Accuracy(predictions) is { } accuracy ? $"\naccuracy: {Percent(accuracy)} of {predictions.Length} queries\n" : "");
    }

    private static string Json(TrainedModel model, string[] classes, int support, int inverted, Prediction[] predictions) => new JsonObject
    {
        ["learner"] = model.Configuration.Learner.GetType().Name,
        ["batchNorm"] = model.Model.BatchNorm,
        ["classes"] = new JsonArray([.. classes.Select(name => (JsonNode)name)]),
        [model.Model.Input.Image is null ? "supportExamples" : "supportImages"] = support,
        ["inverted"] = inverted,
        ["accuracy"] = Accuracy(predictions),
        ["predictions"] = new JsonArray([.. predictions.Select(one => (JsonNode)new JsonObject
        {
            [model.Model.Input.Kind == InputKind.Texts ? "text" : "file"] = one.Query.Name, ["class"] = one.Best, ["probability"] = one.Probability,
            ["probabilities"] = new JsonObject(classes.Zip(one.Row, (name, value) => KeyValuePair.Create(name, (JsonNode?)value))),
        })]),
    }.ToJsonString(JsonText.Indented) + "\n";

    // Known where every query lies in a folder that bears the name of a class.
    private static double? Accuracy(Prediction[] predictions) =>
        predictions.All(one => one.Query.Class is { } truth && one.Classes.Contains(truth))
            ? predictions.Average(one => one.Best == one.Query.Class ? 1.0 : 0)
            : null;

    private static string Percent(double value) => $"{100 * value:F1}%";

    private sealed record Prediction(LabelledItem Query, string[] Classes, double[] Row)
    {
        public double Probability => Row.Max();

        public string Best => Classes[Array.IndexOf(Row, Row.Max())];
    }
}
