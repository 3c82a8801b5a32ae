using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Deutero.Cli.Packages;
using Deutero.Cli.Runs;
using Deutero.Client;
using Deutero.Service.Auditing;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Service.Tests;

/// <summary>Models of texts and of rows of a table, from the training to the answer.</summary>
public sealed class InputKindsTests(TrainedInputs inputs) : IClassFixture<TrainedInputs>, IDisposable
{
    private static readonly ClassExamples[] s_intents =
    [
        new("refund", [Item.Of("give me my money back"), Item.Of("I want a refund of my money")]),
        new("weather", [Item.Of("will it rain tomorrow"), Item.Of("Is it sunny today?")]),
    ];

    private static readonly ClassExamples[] s_things =
    [
        new("small", [Row(1, "red", 2), Row(1.5, "red", null)]),
        new("large", [Row(18, "blue", 60), Row(17.5, "blue", 55)]),
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("deutero-kinds-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_model_of_texts_is_taught_and_asked_and_survives_a_restart()
    {
        Predictions first;
        string id;
        await using (var service = await RunningService.Start(_folder, models: [ServedRun.Open($"inputs={inputs.Texts}")]))
        {
            using var client = new DeuteroClient(service.Http);
            var input = (await client.Model("inputs", Cancellation)).Input;
            Assert.Equal(("texts", false, 512L), (input.Kind, input.Images, Assert.Single(input.Shape)));
            var made = await client.Create(new("inputs", s_intents), Cancellation);
            id = made.Id;
            Assert.Null(made.Classes[0].Examples[0].Item); // who may only adapt reads no examples
            first = await client.Predict(id, new([Item.Of("my money, please"), Item.Of("rain today? 🌧"), Item.Of("qwertz uiop")]), Cancellation);
            Assert.Equal(["refund", "weather"], first.Results.Take(2).Select(one => one.Class));
            Assert.Equal(0.5, first.Results[2].Probabilities["refund"], 0.45); // words that nobody has heard of are no mistake

            var shown = (await client.Adaptation(id, cancellation: Cancellation)).Classes[1].Examples[1];
            Assert.Equal("Is it sunny today?", shown.Item!.Text);
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("Is it sunny today?"))), shown.Sha256);
            Assert.Equal("Is it rainy today?", (await Doubled(client, id)).Classes[1].Examples[^1].Item!.Text);
            Assert.Equal(4, (await client.Explain(id, new(Item.Of("my money"), Version: 1), Cancellation)).Examples.Count);
            await client.RollBack(id, 1, Cancellation);
            Assert.Contains(shown.Sha256, AuditVerification.Export(service.Folder, "local")[0], StringComparison.Ordinal);
        }

        await using var again = await RunningService.Start(_folder, models: [ServedRun.Open($"inputs={inputs.Texts}")]);
        using var asker = new DeuteroClient(again.Http);
        var second = await asker.Predict(id, new([Item.Of("my money, please"), Item.Of("rain today? 🌧"), Item.Of("qwertz uiop")]), Cancellation);
        Assert.Equal(first.Results.Select(one => one.Probabilities["refund"]), second.Results.Select(one => one.Probabilities["refund"]));
    }

    [Fact]
    public async Task A_model_of_a_table_is_taught_and_asked_by_column()
    {
        await using var service = await RunningService.Start(models: [ServedRun.Open($"inputs={inputs.Table}")]);
        using var client = new DeuteroClient(service.Http);
        var input = (await client.Model("inputs", Cancellation)).Input;
        Assert.Equal("rows", input.Kind);
        Assert.Equal(["size", "colour", "weight"], input.Columns!.Select(column => column.Name));
        Assert.Equal(["blue", "green", "red"], input.Columns![1].Categories);
        var made = await client.Create(new("inputs", s_things), Cancellation);
        var known = await client.Predict(made.Id, new([Row(1.2, "red", 3), Row(17, "blue", 50), Row(17, "mauve", null), Item.Row(("size", 17))]), Cancellation);
        Assert.Equal(["small", "large"], known.Results.Take(2).Select(one => one.Class));
        Assert.Equal(known.Results[2].Probabilities, known.Results[3].Probabilities); // a colour that no row had is none, as one that is missing
        var example = (await client.Adaptation(made.Id, cancellation: Cancellation)).Classes[0].Examples[1];
        Assert.Equal(new SortedDictionary<string, object?> { ["colour"] = "red", ["size"] = 1.5, ["weight"] = null }, example.Item!.Cells);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData("{\"colour\":\"red\",\"size\":1.5}"u8)), example.Sha256);
        Assert.Equal(4, (await client.Explain(made.Id, new(Row(1, "red", 1)), Cancellation)).Examples.Count);
    }

    [Theory]
    [InlineData(true, "[1, 2, 3]", "Item 1 is numbers, but this model takes texts.")]
    [InlineData(true, "\"AAAA\"", "Item 1 is an image, but this model takes texts.")]
    [InlineData(true, "{\"row\": {\"size\": 1}}", "Item 1 is a row, but this model takes texts.")]
    [InlineData(true, "{\"text\": \" \"}", "Item 1 is an empty text, but one with words is expected.")]
    [InlineData(true, "null", "Item 1 is null; this model takes texts.")]
    [InlineData(true, "{\"text\": 1}", "The body is not as expected at $.items[0]: text must be a string.")]
    [InlineData(true, "{\"words\": \"a\"}", "The body is not as expected at $.items[0]: an item that is an object must have 'text' or 'row'.")]
    [InlineData(true, "{\"text\": \"a\", \"row\": {}}", "The body is not as expected at $.items[0]: an item that is an object must have nothing but one of 'text' and 'row'.")]
    [InlineData(true, "7", "The body is not as expected at $.items[0]: an item must be a base64 image, an array of numbers, {\"text\": ...} or {\"row\": {...}}.")]
    [InlineData(false, "{\"text\": \"a\"}", "Item 1 is a text, but this model takes rows of the columns size, colour, weight.")]
    [InlineData(false, "{\"row\": {\"size\": 1, \"hue\": 2}}", "Item 1 has a column 'hue', but the columns are size, colour, weight.")]
    [InlineData(false, "{\"row\": {\"size\": \"big\"}}", "Item 1 has the text 'big' in column 'size', but a number is expected.")]
    [InlineData(false, "{\"row\": {\"size\": 1e60}}", "Item 1 has the number 1E+60 in column 'size', but a number is expected.")]
    [InlineData(false, "{\"row\": {\"colour\": 3}}", "Item 1 has the number 3 in column 'colour', but one of blue, green, red is expected.")]
    [InlineData(false, "{\"row\": {\"size\": null}}", "Item 1 is empty, but some of the columns size, colour, weight are expected.")]
    [InlineData(false, "{\"row\": {\"size\": [1]}}", "The body is not as expected at $.items[0]: a cell of a row must be a number, a string or null.")]
    [InlineData(false, "{\"row\": {\"size\": 1, \"size\": 1}}", "The body is not as expected at $.items[0]: a row has a column twice.")]
    [InlineData(false, "{\"row\": 1}", "The body is not as expected at $.items[0]: row must be an object with the cells by column.")]
    public async Task An_item_of_the_wrong_kind_is_refused_in_one_sentence(bool ofTexts, string item, string sentence)
    {
        await using var service = await RunningService.Start(models: [ServedRun.Open($"inputs={(ofTexts ? inputs.Texts : inputs.Table)}")]);
        using var client = new DeuteroClient(service.Http);
        var made = await client.Create(new("inputs", ofTexts ? s_intents : s_things), Cancellation);
        var (status, body) = await service.Post($"/v1/adaptations/{made.Id}/predictions", JsonNode.Parse($"{{\"items\": [{item}]}}")!);
        Assert.Equal((400, sentence), (status, (string?)body["detail"]));
    }

    [Fact]
    public async Task The_document_says_what_an_item_can_be()
    {
        await using var service = await RunningService.Start();
        var schemas = (await service.Get("/openapi/v1.json")).Body["components"]!["schemas"]!;
        var kinds = schemas["Item"]!["oneOf"]!.AsArray();
        Assert.Equal(["string", "array", "object", "object"], kinds.Select(kind => (string)kind!["type"]!));
        Assert.Equal(["text", "row"], kinds.Skip(2).Select(kind => Assert.Single(kind!["properties"]!.AsObject()).Key));
        Assert.EndsWith("/Item", (string)schemas["NewExplanation"]!["properties"]!["item"]!["$ref"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Texts_are_read_anew_when_the_model_under_their_name_is_replaced()
    {
        string id;
        await using (var service = await RunningService.Start(_folder, models: [ServedRun.Open($"inputs={inputs.Texts}")]))
        {
            using var client = new DeuteroClient(service.Http);
            id = (await client.Create(new("inputs", s_intents), Cancellation)).Id;
        }

        await using var other = await RunningService.Start(_folder, models: [ServedRun.Open($"inputs={inputs.Table}")]);
        var (status, body) = await other.Post($"/v1/adaptations/{id}/predictions", new NewPredictions([Row(1, "red", 1)]));
        Assert.Equal(
            (409, "Version 1 does not fit the model any more: Example 1 is a text, but this model takes rows of the columns size, colour, weight."), (status, (string?)body["detail"]));
        Assert.Equal("give me my money back", (string?)(await other.Get($"/v1/adaptations/{id}")).Body["classes"]![0]!["examples"]![0]!["item"]!["text"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_packed_and_unpacked_model_gives_the_same_bits(bool ofTexts)
    {
        var run = ofTexts ? inputs.Texts : inputs.Table;
        var (package, unpacked) = (Path.Combine(_folder, "model.deutero"), Path.Combine(_folder, "unpacked"));
        Deutero("pack", run, "-o", package, "--unsigned", "--uncalibrated");
        Deutero("unpack", package, "-o", unpacked);
        await using var service = await RunningService.Start(models: [.. ((string[])[$"a={run}", $"b={package}", $"c={unpacked}"]).Select(path => ServedRun.Open(path))]);
        using var client = new DeuteroClient(service.Http);
        var answers = new List<IReadOnlyDictionary<string, double>>();
        foreach (var name in (string[])["a", "b", "c"])
        {
            var made = await client.Create(new(name, ofTexts ? s_intents : s_things), Cancellation);
            answers.Add((await client.Predict(made.Id, new([ofTexts ? Item.Of("rain or money") : Row(9, "green", 10)]), Cancellation)).Results[0].Probabilities);
        }

        Assert.Equal(answers[0], answers[1]);
        Assert.Equal(answers[0], answers[2]);
        Assert.Contains(
            ofTexts ? "input: texts, which become 512 numbers" : "input: rows of a table, which become 5 numbers: size (number), colour (blue | green | red), weight (number)",
            (await client.Model("b", Cancellation)).Card.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Answers_are_those_of_the_training_path(bool ofTexts)
    {
        inputs.WriteData();
        var run = Run.Open(Run.Schema.Load<RunConfiguration>(new RunFolder(ofTexts ? inputs.Texts : inputs.Table).ConfigurationFile));
        inputs.RemoveData();
        var pool = run.Tasks.Pools!.Test;
        int[] labels = [.. Enumerable.Range(0, 3).Select(i => int.Parse(pool.ClassName(i)["class".Length..]))];
        var expected = TrainingPath(run, new(ofTexts ? inputs.Texts : inputs.Table));
        await using var service = await RunningService.Start(models: [ServedRun.Open($"inputs={(ofTexts ? inputs.Texts : inputs.Table)}")]);
        using var client = new DeuteroClient(service.Http);
        Item Of(int label, int i) => ofTexts ? Item.Of(TrainedInputs.TextsOf(label)[i]) : Row(TrainedInputs.RowsOf(label)[i]);
        var made = await client.Create(new("inputs", [.. labels.Select((label, way) => new ClassExamples($"{way}", [Of(label, 0), Of(label, 1)]))]), Cancellation);
        var answers = await client.Predict(made.Id, new([.. labels.Select(label => Of(label, 2))]), Cancellation);
        Assert.All(answers.Results.SelectMany(one => one.Probabilities.Values).Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-6));

        using var trained = TrainedModel.Open(ofTexts ? inputs.Texts : inputs.Table);
        foreach (var (label, way) in labels.Select((label, way) => (label, way)))
        {
            var read = ofTexts ? trained.Model.Input.Read(TrainedInputs.TextsOf(label)[3]) : trained.Model.Input.Read(Row(TrainedInputs.RowsOf(label)[3]).Cells!);
            Assert.Equal(Numbers(pool, way, 3), read);
        }
    }

    [Theory]
    [InlineData("texts", "contract.json", null, "lacks contract.json, which says what the model takes: 'deutero train -o")]
    [InlineData("texts", "contract.json", "{}", "contract.json does not belong to its model.safetensors: it was changed, or is another run's.")]
    [InlineData("table", "contract.json", "other", "contract.json does not belong to its model.safetensors: it was changed, or is another run's.")]
    [InlineData("texts", "text-features.safetensors", null, "lacks text-features.safetensors, without which texts and rows cannot be turned into numbers.")]
    [InlineData("texts", "text-features.safetensors", "{}", "text-features.safetensors was changed: it differs from the SHA-256 that contract.json has.")]
    public void A_missing_or_damaged_contract_is_one_sentence(string run, string file, string? content, string sentence)
    {
        foreach (var one in Directory.EnumerateFiles(inputs[run]))
        {
            File.Copy(one, Path.Combine(_folder, Path.GetFileName(one)));
        }

        File.Delete(Path.Combine(_folder, file));
        if (content is not null)
        {
            File.WriteAllText(Path.Combine(_folder, file), content == "other" ? File.ReadAllText(Path.Combine(inputs.Texts, file)) : content);
        }

        var refusal = Assert.Throws<InvalidDataException>(() => TrainedModel.Open(_folder));
        Assert.Contains(sentence, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Fact]
    public void Runs_are_calibrated_adapted_exported_and_measured_on_the_command_line()
    {
        inputs.WriteData();
        foreach (var (run, file, kind) in (ReadOnlySpan<(string, string, string)>)[(inputs.Texts, inputs.TextFile, "text"), (inputs.Table, inputs.TableFile, "row")])
        {
            var copy = Path.Combine(_folder, kind);
            ModelFiles.Open(run).WriteTo(copy);
            Deutero("calibrate", copy, "--ways", "2", "--episodes", "10", "--shots", "1", "2");
            using (var model = TrainedModel.Open(copy))
            {
                Assert.NotNull(model.Model.Calibration);
            }

            var some = Path.Combine(_folder, Path.GetFileName(file));
            File.WriteAllLines(some, File.ReadLines(file).Take(1 + (3 * TrainedInputs.Each)));
            Assert.Contains("\"supportExamples\": 18,", Deutero("adapt", copy, "--support", some, "--query", some, "--json"), StringComparison.Ordinal);
            var said = Deutero("adapt", copy, "--support", some, "--query", some);
            Assert.StartsWith(kind, said, StringComparison.Ordinal);
            Assert.Matches(@"accuracy: (100|9\d)\.\d% of 18 queries", said);
            Deutero("bench", "edge", copy, "--ways", "2", "--shots", "1");
        }

        File.WriteAllText(Path.Combine(_folder, "questions.txt"), "please word1 it\n");
        Assert.Contains("class01", Deutero("adapt", inputs.Texts, "--support", Path.Combine(_folder, "texts.tsv"), "--query", Path.Combine(_folder, "questions.txt")), StringComparison.Ordinal);
        Deutero("export", inputs.Table, "--support", Path.Combine(_folder, "table.csv"), "-o", Path.Combine(_folder, "table.onnx"));
        var (exit, refused) = Command.Run(Command.Of("Deutero.Cli"), "export", inputs.Texts, "-o", Path.Combine(_folder, "texts.onnx"));
        Assert.Equal(2, exit);
        Assert.Contains("TextEncoder", refused, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", refused.TrimEnd(), StringComparison.Ordinal);
        inputs.RemoveData();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Doubtful_support_sets_of_a_calibrated_model_are_warned_of(bool ofTexts)
    {
        inputs.WriteData();
        var copy = Path.Combine(_folder, "run");
        ModelFiles.Open(ofTexts ? inputs.Texts : inputs.Table).WriteTo(copy);
        Deutero("calibrate", copy, "--ways", "2", "--episodes", "10", "--shots", "1", "2");
        inputs.RemoveData();
        await using var service = await RunningService.Start(models: [ServedRun.Open($"inputs={copy}")]);
        using var client = new DeuteroClient(service.Http);
        var strange = string.Join(' ', Enumerable.Range(0, 3000).Select(i => $"strange{i}"));
        var made = await client.Create(
            ofTexts ? new("inputs", [.. s_intents, new("odd", [Item.Of(strange), Item.Of("Give me my money back!")])])
            : new("inputs", [.. s_things, new("odd", [Row(1e6, "red", -1e6), Row(1, "red", 2)])]), Cancellation);
        Assert.Contains(made.Warnings, warning => warning.StartsWith("Example 1 of class 'odd' is unlike anything", StringComparison.Ordinal));
        Assert.Contains(made.Warnings, warning => warning.StartsWith($"Example 2 of class 'odd' is all but the same as example 1 of class '{(ofTexts ? "refund" : "small")}'", StringComparison.Ordinal));
    }

    [Fact]
    public void Training_goes_on_with_the_data_that_it_began_with_alone()
    {
        inputs.WriteData();
        File.WriteAllText(inputs.TextFile, File.ReadAllText(inputs.TextFile).Replace("number 3", "number three", StringComparison.Ordinal));
        var (exit, said) = Command.Run(Command.Of("Deutero.Cli"), "train", "-o", inputs.Texts, "-c", Path.Combine(inputs.Texts, "configuration.json"));
        inputs.RemoveData();
        Assert.Equal(2, exit);
        Assert.Contains("was trained on other data than are there now: bring those back, or begin anew with --restart.", said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_of_an_older_version_gets_its_contract_without_training_again()
    {
        inputs.WriteData();
        var contract = File.ReadAllText(Path.Combine(inputs.Table, "contract.json"));
        File.Delete(Path.Combine(inputs.Table, "contract.json"));
        var said = Deutero("train", "-o", inputs.Table, "-c", Path.Combine(inputs.Table, "configuration.json"));
        inputs.RemoveData();
        Assert.Contains("Resuming after iteration 3.", said, StringComparison.Ordinal);
        Assert.Equal(contract, File.ReadAllText(Path.Combine(inputs.Table, "contract.json")));
        TrainedModel.Open(inputs.Table).Dispose();
    }

    /// <summary>The example of docs/service.md, "Inside a program".</summary>
    [Fact]
    public void The_library_reads_texts_and_rows_as_the_documentation_says()
    {
        using var trained = TrainedModel.Open(inputs.Texts);
        var model = trained.Model;
        float[][] Read(params string[] texts) => [.. texts.Select(text => model.Input.Read(text))];
        using var adapted = model.Adapt([new("refund", Read("give me my money back", "I want a refund")), new("weather", Read("will it rain?", "is it sunny"))]);
        var prediction = adapted.Predict(model.Input.Read("can I have my money"));
        Assert.Equal("refund", adapted.Classes[prediction.Class]);

        using var table = TrainedModel.Open(inputs.Table);
        var row = table.Model.Input.Read(new Dictionary<string, object?> { ["size"] = 1.5, ["colour"] = "red" });
        Assert.Equal(5, row.Length);
        Assert.Equal("The text is a text, but this model takes rows of the columns size, colour, weight.", Assert.Throws<ArgumentException>(() => table.Model.Input.Read("big")).Message);
    }

    // Learns three classes of the test from two items each, and is asked about the third item of each.
    private static double[] TrainingPath(Run run, RunFolder folder)
    {
        using var scope = new TensorScope();
        var (pool, (theta, statistics)) = (run.Tasks.Pools!.Test, folder.LoadModel());
        Tensor Items(params int[] items) => Tensor.From(
            [.. Enumerable.Range(0, 3).SelectMany(way => items.SelectMany(item => Numbers(pool, way, item)))], [3 * items.Length, .. pool.ItemShape]);
        using var random = Generator.Seed(0);
        var support = new Examples(Items(0, 1), Tensor.From([0L, 0, 1, 1, 2, 2]), 3);
        var logits = run.Configuration.Learner.Adapt(run.Training.ForEvaluation(statistics), theta, support, random).Predict(Items(2));
        return logits.To(DType.Float64).Softmax(-1).ToArray<double>();
    }

    private static async Task<AdaptationState> Doubled(DeuteroClient client, string id)
    {
        var changed = await client.Change(id, new([new("weather", [Item.Of("Is it rainy today?"), Item.Of("WILL it rain... tomorrow"), Item.Of("Is it rainy today?")])]), Cancellation);
        Assert.Contains(changed.Warnings, warning => warning.StartsWith("Example 4 of class 'weather' is all but the same as example 1", StringComparison.Ordinal));
        return await client.Adaptation(id, cancellation: Cancellation);
    }

    private static string Deutero(params string[] arguments)
    {
        var (exit, output) = Command.Run(Command.Of("Deutero.Cli"), arguments);
        Assert.True(exit == 0, output);
        return output;
    }

    private static float[] Numbers(IClassPool pool, int way, int item)
    {
        var values = new float[pool.ItemShape.Single()];
        pool.Write(way, item, values);
        return values;
    }

    private static Item Row((double Size, string Colour, double? Weight) row) => Row(row.Size, row.Colour, row.Weight);

    private static Item Row(double size, string colour, double? weight) => Item.Row(("size", size), ("colour", colour), ("weight", weight));
}
