using System.Text.Json;
using Deutero.Cli.Configuration;
using Deutero.Cli.Runs;

namespace Deutero.Cli.Tests.Configuration;

public sealed class ConfigurationWritingTests
{
    private static readonly ConfigurationSchema s_schema = new(typeof(SampleRun).Assembly);

    [Fact]
    public void The_effective_configuration_names_every_key_in_order_of_declaration()
    {
        const string Expected = """
            {
              "name": "run",
              "seed": 1,
              "learner": {
                "type": "sample-maml",
                "innerRate": 0.4,
                "steps": 5,
                "firstOrder": false
              },
              "model": null,
              "training": {
                "iterations": 60000,
                "metaBatch": 4,
                "schedule": {
                  "warmUp": 0.1,
                  "floor": "-Infinity"
                }
              },
              "judge": null,
              "note": null,
              "rates": [
                0.1,
                null
              ],
              "distances": []
            }
            """;
        Assert.Equal(Expected, s_schema.ToJson(s_schema.Default<SampleRun>()));
    }

    [Fact]
    public void Reading_back_gives_the_same_configuration()
    {
        var run = new SampleRun
        {
            Name = "a \"quoted\" <name>\n\t\u0001 é 中 😀",
            Seed = ulong.MaxValue,
            Learner = new SampleEnsembleOfLearners { Members = [new SampleProtoNet { Distance = SampleDistance.Cosine }, new SampleMaml { InnerRate = double.Epsilon }] },
            Model = new SampleResNet12 { Channels = [int.MaxValue], DropRate = 1.0 / 3 },
            Training = new() { Iterations = long.MaxValue, Schedule = new() { WarmUp = 1f / 3, Floor = double.MaxValue } },
            Judge = SampleDistance.SquaredEuclidean,
            Rates = [-0.0, 0.1 + 0.2, double.NaN, double.PositiveInfinity, 1e-7],
        };

        var json = s_schema.ToJson(run);
        var again = s_schema.Parse<SampleRun>(json, "run.json");

        Assert.Equal(json, s_schema.ToJson(again));
        Assert.Equal(run.Name, again.Name);
        Assert.Equal(run.Rates, again.Rates);
        Assert.Equal(run.Training, again.Training);
        Assert.True(double.IsNegative(again.Rates[0]!.Value));
        Assert.Equal(s_schema.Hash(run), s_schema.Hash(again));
        using var valid = JsonDocument.Parse(json);
    }

    [Fact]
    public void The_hash_is_the_SHA_256_of_the_JSON_and_changes_with_any_key()
    {
        var run = new SampleRun();
        var expected = System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(s_schema.ToJson(run)));
        Assert.Equal(Convert.ToHexString(expected), s_schema.Hash(run), ignoreCase: true);
        Assert.Equal(64, s_schema.Hash(run).Length);
        Assert.NotEqual(s_schema.Hash(run), s_schema.Hash(run with { Seed = 2 }));
    }

    [Fact]
    public void A_setting_that_came_later_is_written_once_it_is_set()
    {
        var (plain, set) = (new RunConfiguration(), new RunConfiguration { Data = new() { Body = "runs/body" } });
        Assert.DoesNotContain("\"body\"", Run.Schema.ToJson(plain), StringComparison.Ordinal);
        Assert.Contains("\"body\": \"runs/body\"", Run.Schema.ToJson(set), StringComparison.Ordinal);
        Assert.NotEqual(Run.Schema.Hash(plain), Run.Schema.Hash(set));
        Assert.Equal(set.Data.Body, Run.Schema.Parse<RunConfiguration>(Run.Schema.ToJson(set), "run.json").Data.Body);
    }

    [Fact]
    public void The_description_lists_keys_defaults_help_and_the_records_of_every_slot()
    {
        var lines = s_schema.Describe(typeof(SampleRun)).Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))).ToArray();
        Assert.Contains("key value default help", lines);
        Assert.Contains("training.iterations integer 60000 Outer steps.", lines);
        Assert.Contains("training.schedule.warmUp number 0.1", lines);
        Assert.Contains("learner sample-ensemble-of-learners|sample-maml|sample-protonet sample-maml", lines);
        Assert.Contains("judge squared-euclidean|cosine|null null", lines);
        Assert.Contains("learner = sample-maml: Learns an initialisation.", lines);
        Assert.Contains("innerRate number 0.4 Step size of the inner loop; see Steps.", lines);
        Assert.Contains("model = sample-resnet12", lines);
        Assert.Contains("channels [integer, ...] [64, 160, 320, 640]", lines);
        Assert.DoesNotContain(lines, line => line.Contains("otAKey", StringComparison.Ordinal) || line.Contains("loss", StringComparison.Ordinal));
    }
}
