using Deutero.Cli.Configuration;

namespace Deutero.Cli.Tests.Configuration;

public sealed class ConfigurationBindingTests
{
    private static readonly ConfigurationSchema s_schema = new(typeof(SampleRun).Assembly);

    private static SampleRun Parse(string json, params string[] settings) => s_schema.Parse<SampleRun>(json, "run.json", settings);

    private static IReadOnlyList<string> Errors(string json, params string[] settings) =>
        Assert.Throws<ConfigurationException>(() => Parse(json, settings)).Errors;

    [Fact]
    public void Every_kind_of_value_is_bound()
    {
        var run = Parse("""
            {
              // comments and trailing commas are allowed
              "name": "omniglot", "seed": 18446744073709551615, "note": null, "judge": "Cosine",
              "rates": [1, 0.5, null], "distances": ["squared-euclidean", "cosine",],
              "learner": { "type": "sample-maml", "innerRate": 0.01, "steps": 3, "firstOrder": true },
              "model": { "type": "Sample-ResNet12", "channels": [1, 2], "dropRate": 0.5 },
              "training": { "iterations": 6e4, "schedule": { "warmUp": 0.25, "floor": "-Infinity" } },
            }
            """);

        Assert.Equal("omniglot", run.Name);
        Assert.Equal(ulong.MaxValue, run.Seed);
        Assert.Null(run.Note);
        Assert.Equal(SampleDistance.Cosine, run.Judge);
        Assert.Equal([1, 0.5, null], run.Rates);
        Assert.Equal([SampleDistance.SquaredEuclidean, SampleDistance.Cosine], run.Distances);
        var maml = Assert.IsType<SampleMaml>(run.Learner);
        Assert.Equal((0.01, 3, true), (maml.InnerRate, maml.Steps, maml.FirstOrder));
        var net = Assert.IsType<SampleResNet12>(run.Model);
        Assert.Equal([1, 2], net.Channels);
        Assert.Equal(0.5, net.DropRate);
        Assert.Equal((60_000L, 0.25f), (run.Training.Iterations, run.Training.Schedule.WarmUp));
        Assert.Equal(4, run.Training.MetaBatch);
    }

    [Fact]
    public void A_type_begins_from_its_own_defaults_and_no_type_from_the_standing_record()
    {
        Assert.Equal(1, ((SampleMaml)Parse("""{ "learner": "samplemaml" }""").Learner).Steps);
        Assert.Equal(1, ((SampleMaml)Parse("""{ "learner": { "type": "sample-maml" } }""").Learner).Steps);
        Assert.Equal(5, ((SampleMaml)Parse("""{ "learner": { "innerRate": 1 } }""").Learner).Steps);
    }

    [Fact]
    public void Binding_does_not_change_the_defaults_it_began_from()
    {
        var defaults = new SampleRun();
        Parse("""{ "learner": { "innerRate": 1 }, "training": { "metaBatch": 9 } }""");
        Assert.Equal(new SampleRun().Learner, defaults.Learner);
        Assert.Equal(0.4, ((SampleMaml)Parse("{}").Learner).InnerRate);
    }

    [Fact]
    public void Settings_win_over_the_file_and_the_last_one_wins()
    {
        var run = Parse(
            """{ "learner": "sample-maml", "training": { "metaBatch": 8 } }""",
            "learner.innerRate=0.1", "training.metaBatch=16", "training.metaBatch=32", "name=5", "note=null",
            "rates=1,2.5", "distances=[\"cosine\"]", "model.type=sample-conv4", "model.channels=7", "judge=cosine");

        Assert.Equal(0.1, ((SampleMaml)run.Learner).InnerRate);
        Assert.Equal(32, run.Training.MetaBatch);
        Assert.Equal("5", run.Name);
        Assert.Null(run.Note);
        Assert.Equal([1, 2.5], run.Rates);
        Assert.Equal([SampleDistance.Cosine], run.Distances);
        Assert.Equal(7, Assert.IsType<SampleConv4>(run.Model).Channels);
        Assert.Equal(SampleDistance.Cosine, run.Judge);
    }

    [Fact]
    public void A_setting_may_hold_an_object_and_a_later_one_may_reach_into_it()
    {
        var run = Parse("{}", """learner={"type":"sample-maml","steps":2}""", "learner.innerRate=3", "model=sample-conv4", "model.channels=2");
        Assert.Equal((2, 3.0), (((SampleMaml)run.Learner).Steps, ((SampleMaml)run.Learner).InnerRate));
        Assert.Equal(2, ((SampleConv4)run.Model!).Channels);
    }

    [Fact]
    public void Lists_of_slots_are_bound()
    {
        var run = Parse("""{ "learner": { "type": "sample-ensemble-of-learners", "members": ["sample-maml", { "type": "sample-protonet" }] } }""");
        Assert.Equal([typeof(SampleMaml), typeof(SampleProtoNet)], ((SampleEnsembleOfLearners)run.Learner).Members.Select(m => m.GetType()));
    }

    [Theory]
    [InlineData("{\n\n \"learner\": { \"type\": \"sample-maml\",\n \"steps\": -1 } }", "learner.steps is -1; it must be at least 1 (in run.json line 4)")]
    [InlineData("""{ "learner": { "innerRate": 0 } }""", "learner.innerRate is 0; it must be greater than 0 (in run.json line 1)")]
    [InlineData("""{ "model": { "type": "sample-resnet12", "channels": [0] } }""", "model.channels is [0]; every channel count must be positive (in run.json line 1)")]
    [InlineData("""{ "name": 5 }""", "name is 5; expected a string (in run.json line 1)")]
    [InlineData("""{ "name": null }""", "name is null; expected a string (in run.json line 1)")]
    [InlineData("""{ "seed": "x" }""", "seed is \"x\"; expected an integer (in run.json line 1)")]
    [InlineData("""{ "seed": 1.5 }""", "seed is 1.5; expected an integer (in run.json line 1)")]
    [InlineData("""{ "seed": -1 }""", "seed is -1; it must be between 0 and 18446744073709551615 (in run.json line 1)")]
    [InlineData("""{ "training": { "metaBatch": 1e99 } }""", "training.metaBatch is 1e99; it must be between -2147483648 and 2147483647 (in run.json line 1)")]
    [InlineData("""{ "training": 5 }""", "training is 5; expected an object (in run.json line 1)")]
    [InlineData("""{ "training": { "type": "x" } }""", "training.type is not a key of sample-training; valid: iterations, metaBatch, schedule (in run.json line 1)")]
    [InlineData("""{ "rates": {} }""", "rates is an object; expected a list (in run.json line 1)")]
    [InlineData("""{ "rates": [1, true] }""", "rates[1] is true; expected a number, or null (in run.json line 1)")]
    [InlineData("""{ "judge": "cosin" }""", "judge is \"cosin\"; did you mean cosine? (valid: squared-euclidean, cosine) (in run.json line 1)")]
    [InlineData("""{ "model": {} }""", "model has no type; expected one of sample-conv4, sample-resnet12 (in run.json line 1)")]
    [InlineData("""{ "model": { "type": 4 } }""", "model.type is 4; expected one of sample-conv4, sample-resnet12 (in run.json line 1)")]
    [InlineData("""{ "learner": 3 }""", "learner is 3; expected one of sample-ensemble-of-learners, sample-maml, sample-protonet, or an object with such a type (in run.json line 1)")]
    [InlineData("[]", "the configuration is []; expected an object (in run.json line 1)")]
    [InlineData("{\n\"seed\": 1,\n\"seed\": 2 }", "seed is given twice; the first is in run.json line 2 (in run.json line 3)")]
    [InlineData("""{ "name": "\ud800" }""", "a text is not valid Unicode (in run.json line 1)")]
    public void A_mistake_is_one_sentence(string json, string expected) => Assert.Equal([expected], Errors(json));

    [Fact]
    public void An_unknown_key_is_refused_with_the_nearest_one() => Assert.Equal(
        ["learner.stpes is not a key of sample-maml; did you mean steps? (valid: innerRate, steps, firstOrder) (in run.json line 1)"],
        Errors("""{ "learner": { "type": "sample-maml", "stpes": 1 } }"""));

    [Fact]
    public void An_unknown_type_is_refused_with_the_nearest_one() => Assert.Equal(
        ["learner is \"sample-mmal\", which is no known type; did you mean sample-maml? (valid: sample-ensemble-of-learners, sample-maml, sample-protonet) (in run.json line 1)"],
        Errors("""{ "learner": "sample-mmal" }"""));

    [Fact]
    public void A_mistake_in_a_setting_names_the_setting()
    {
        Assert.Equal(["learner.steps is -1; it must be at least 1 (in --set learner.steps=-1)"], Errors("{}", "learner.steps=-1"));
        Assert.Equal(["seed is \"one\"; expected an integer (in --set seed=one)"], Errors("{}", "seed=one"));
        Assert.Equal(["seed is 1; it has no key x (in --set seed.x=1)"], Errors("""{ "seed": 1 }""", "seed.x=1"));
        Assert.Equal(["--set seed is not understood; expected --set path=value, for example --set learner.innerRate=0.1"], Errors("{}", "seed"));
    }

    [Fact]
    public void All_mistakes_are_reported_one_a_line()
    {
        var refused = Assert.Throws<ConfigurationException>(() => Parse("""{ "name": 1, "sed": 2, "learner": { "steps": 0 } }""", "rates=x"));
        Assert.Equal(4, refused.Errors.Count);
        Assert.Equal(refused.Errors, refused.Message.Split('\n'));
    }

    [Fact]
    public void Malformed_JSON_is_refused_with_line_and_column()
    {
        Assert.StartsWith("run.json line 2, column 8 is not JSON: ", Assert.Single(Errors("{\n  \"é\": }")), StringComparison.Ordinal);
        Assert.StartsWith("run.json line 1, column 1 is not JSON: ", Assert.Single(Errors("")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_depth_bomb_is_refused()
    {
        Assert.Contains("depth", Assert.Single(Errors(new string('[', 1_000_000))), StringComparison.Ordinal);
        Assert.Contains("depth", Assert.Single(Errors("{}", "learner=" + string.Concat(Enumerable.Repeat("{\"a\":", 100_000)))), StringComparison.Ordinal);
        Assert.Contains("not understood", Assert.Single(Errors("{}", string.Join('.', Enumerable.Repeat("a", 100_000)) + "=1")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_large_file_of_nonsense_is_refused_in_a_few_seconds_and_a_few_lines()
    {
        var keys = string.Join(',', Enumerable.Range(0, 60_000).Select(i => $"\"iteratoins{i}\":0"));
        var items = string.Join(',', Enumerable.Repeat("\"cosin\"", 60_000));
        var start = System.Diagnostics.Stopwatch.GetTimestamp();
        var errors = Errors($$"""{ "training": { {{keys}} }, "distances": [{{items}}] }""");
        Assert.Equal(41, errors.Count);
        Assert.Equal("... and 119960 more.", errors[^1]);
        Assert.InRange(System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 20);
    }

    [Fact]
    public void A_missing_file_is_refused_by_name()
    {
        var refused = Assert.Throws<ConfigurationException>(() => s_schema.Load<SampleRun>("/nowhere/run.json"));
        Assert.StartsWith("/nowhere/run.json cannot be read: ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_with_a_byte_order_mark_is_read()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, [0xEF, 0xBB, 0xBF, .. "{ \"seed\": 7 }"u8]);
            Assert.Equal(7UL, s_schema.Load<SampleRun>(path).Seed);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Choices_are_named_in_kebab_case_with_nets_as_one_word() =>
        Assert.Equal(["sample-ensemble-of-learners", "sample-maml", "sample-protonet"], s_schema.Choices(typeof(ISampleLearner)).Select(c => c.Name));
}
