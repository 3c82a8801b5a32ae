using System.CommandLine;
using System.Text.Json.Nodes;
using Deutero.Cli.Inputs;
using Deutero.Cli.Runs;
using Deutero.Cli.Terminal;
using Deutero.Edge;

namespace Deutero.Cli.Commands;

/// <summary><c>deutero adapt</c>: a trained model learns the user's own classes from a few images of each, and classifies others.</summary>
internal static class AdaptCommand
{
    private static readonly Argument<string> s_run = new("run") { Description = "A run folder written by 'deutero train'." };

    private static readonly Option<string> s_support = new("--support", "-s")
    {
        Description = "A folder with one folder for each class, which holds a few example images (PNG or JPEG).", HelpName = "FOLDER", Required = true,
    };

    private static readonly Option<string[]> s_query = new("--query", "-q")
    {
        Description = "Images to classify: files, or a folder; of a folder of class folders, the accuracy is printed too.", HelpName = "FILES",
        Required = true, AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<InkPolarity> s_invert = new("--invert")
    {
        Description = "Turn dark ink on bright paper into bright ink on dark, as glyphs and omniglot are; auto looks at each image's border.",
        HelpName = "auto|yes|no",
    };

    internal static Command Create() => new Command("adapt", "Adapt a trained model to classes of your own, from a few images each.")
    {
        s_run, s_support, s_query, s_invert, SharedOptions.Json,
    }.Explained("""
        Images are resized to the model's size (a square) and colours. A prototypical network takes any number of classes; MAML and Reptile as many as
        they were trained with. Each query is predicted on its own, so a prediction does not depend on the others; figures of 'deutero evaluate' are
        often a little higher, because by default they normalise an episode's queries together.

        Examples:
          deutero adapt runs/first --support letters --query new.png
          deutero adapt runs/first --support letters --query scans/*.jpg --json

          letters/a/1.png  letters/a/2.png  letters/b/1.png ...    one folder for each class
        """).Runs(Execute);

    private static int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        using var trained = TrainedModel.Open(arguments.GetValue(s_run)!);
        var support = LabelledImage.OfClasses(arguments.GetValue(s_support)!);
        var queries = LabelledImage.OfQueries(arguments.GetValue(s_query)!);
        string[] classes = [.. support.Select(image => image.Class!).Distinct()];
        trained.Model.RequireWays(classes.Length);

        var polarity = arguments.GetValue(s_invert);
        var (examples, supportInverted) = Read(support, trained.Images, polarity, cancellation);
        var (asked, queriesInverted) = Read(queries, trained.Images, polarity, cancellation);
        var inverted = supportInverted + queriesInverted;
        Announce(trained, support.Count + queries.Count, inverted, polarity);
        var byClass = support.Zip(examples).ToLookup(pair => pair.First.Class, pair => pair.Second);
        using var adapted = trained.Model.Adapt([.. classes.Select(name => new SupportClass(name, [.. byClass[name]]))]);
        var predictions = queries.Zip(asked, (query, item) =>
        {
            cancellation.ThrowIfCancellationRequested();
            return new Prediction(query, classes, [.. adapted.Predict(item).Probabilities]);
        }).ToArray();
        Console.Write(arguments.GetValue(SharedOptions.Json)
            ? Json(trained, classes, support.Count, inverted, predictions)
            : Table(classes, predictions));
        return ExitCodes.Done;
    }

    internal static (float[][] Images, int Inverted) Read(
        IReadOnlyList<LabelledImage> images, ImageContract contract, InkPolarity polarity, CancellationToken cancellation)
    {
        var inverted = 0;
        var values = images.Select(image =>
        {
            cancellation.ThrowIfCancellationRequested();
            var (pixels, turned) = contract.Read(image.Path, polarity);
            inverted += turned ? 1 : 0;
            return pixels;
        }).ToArray();
        return (values, inverted);
    }

    private static void Announce(TrainedModel model, int images, int inverted, InkPolarity polarity)
    {
        var why = polarity != InkPolarity.Auto ? "as asked"
            : model.Images.InkIsBright ? "those whose border is bright: the model learned bright ink on a dark ground"
            : "the model learned images as they are";
        var size = $"{model.Images.Size}x{model.Images.Size}, {(model.Images.Channels == 1 ? "grey" : "RGB")}";
        Console.Error.WriteLine($"images: {images} at {size}; inverted {inverted} ({why})");
        Console.Error.WriteLine($"BatchNorm statistics: {model.Model.BatchNorm}");
    }

    private static string Table(string[] classes, Prediction[] predictions)
    {
        var table = new TextTable
        {
            Columns = ["file", "class", "probability", .. classes],
            Rows = [.. predictions.Select(one => (string[])[one.Query.Path, one.Best, Percent(one.Probability), .. one.Row.Select(Percent)])],
        };
        return table.Render() + (Accuracy(predictions) is { } accuracy ? $"\naccuracy: {Percent(accuracy)} of {predictions.Length} queries\n" : "");
    }

    private static string Json(TrainedModel model, string[] classes, int support, int inverted, Prediction[] predictions) => new JsonObject
    {
        ["learner"] = model.Configuration.Learner.GetType().Name,
        ["batchNorm"] = model.Model.BatchNorm,
        ["classes"] = new JsonArray([.. classes.Select(name => (JsonNode)name)]),
        ["supportImages"] = support,
        ["inverted"] = inverted,
        ["accuracy"] = Accuracy(predictions),
        ["predictions"] = new JsonArray([.. predictions.Select(one => (JsonNode)new JsonObject
        {
            ["file"] = one.Query.Path, ["class"] = one.Best, ["probability"] = one.Probability,
            ["probabilities"] = new JsonObject(classes.Zip(one.Row, (name, value) => KeyValuePair.Create(name, (JsonNode?)value))),
        })]),
    }.ToJsonString(JsonText.Indented) + "\n";

    // Known where every query lies in a folder that bears the name of a class.
    private static double? Accuracy(Prediction[] predictions) =>
        predictions.All(one => one.Query.Class is { } truth && one.Classes.Contains(truth))
            ? predictions.Average(one => one.Best == one.Query.Class ? 1.0 : 0)
            : null;

    private static string Percent(double value) => $"{100 * value:F1}%";

    private sealed record Prediction(LabelledImage Query, string[] Classes, double[] Row)
    {
        public double Probability => Row.Max();

        public string Best => Classes[Array.IndexOf(Row, Row.Max())];
    }
}
