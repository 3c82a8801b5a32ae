using System.Diagnostics;
using System.Text;
using Deutero.Cli.Configuration;

namespace Deutero.Cli.Tests.Configuration;

public sealed class ConfigurationFuzzTests
{
    private const string Valid = """
        {
          "name": "omniglot é", "seed": 7, "note": "n", "judge": "cosine", // a comment
          "rates": [1, 0.5, null], "distances": ["cosine"],
          "learner": { "type": "sample-ensemble-of-learners", "members": ["sample-maml", { "type": "sample-maml", "steps": 3 }] },
          "model": { "type": "sample-resnet12", "channels": [1, 2], "dropRate": 0.5 },
          "training": { "iterations": 60000, "schedule": { "warmUp": 0.25, "floor": "-Infinity" } }
        }
        """;

    private static readonly ConfigurationSchema s_schema = new(typeof(SampleRun).Assembly);

    private static readonly byte[][] s_fragments =
    [
        .. new[]
        {
            "{", "}", "[", "]", ",", ":", "\"", "null", "true", "-1", "1e999", "-1e-999", "0.1", "99999999999999999999999999999999",
            "\"type\":", "\"Infinity\"", "\"\\ud800\"", "\\u0000", "//", "/*", "*/", "\"steps\": 0,", "\"learner\"", "\"\"",
            "{\"a\":", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "\n", "\r", "\uFEFF", "é",
        }.Select(Encoding.UTF8.GetBytes),
        [0xFF], [0xC3], [0xED, 0xA0, 0x80], [0x00],
    ];

    [Fact]
    public void Ten_thousand_mutated_files_are_bound_or_refused()
    {
        var random = new Random(20261121);
        var (bound, refused, slowest) = (0, 0, TimeSpan.Zero);
        var path = Path.GetTempFileName();
        try
        {
            for (var i = 0; i < 10_000; i++)
            {
                File.WriteAllBytes(path, Mutated(random));
                var settings = Settings(random);
                var start = Stopwatch.GetTimestamp();
                try
                {
                    var run = s_schema.Load<SampleRun>(path, settings);
                    s_schema.Parse<SampleRun>(s_schema.ToJson(run), "again");
                    bound++;
                }
                catch (ConfigurationException mistake)
                {
                    Assert.NotEmpty(mistake.Errors);
                    Assert.False(mistake.Errors.Any(error => error.Any(char.IsControl)), mistake.Message);
                    refused++;
                }

                var took = Stopwatch.GetElapsedTime(start);
                slowest = took > slowest ? took : slowest;
            }
        }
        finally
        {
            File.Delete(path);
        }

        Assert.InRange(bound, 100, 9_900);
        Assert.Equal(10_000, bound + refused);
        Assert.True(slowest < TimeSpan.FromSeconds(5), $"the slowest took {slowest}");
    }

    private static byte[] Mutated(Random random)
    {
        var bytes = new List<byte>(Encoding.UTF8.GetBytes(Valid));
        for (var edit = random.Next(1, 4); edit > 0; edit--)
        {
            var at = random.Next(bytes.Count);
            var length = Math.Min(random.Next(1, 12), bytes.Count - at);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, length);
                    break;
                case 2:
                    bytes.InsertRange(at, s_fragments[random.Next(s_fragments.Length)]);
                    break;
                case 3:
                    bytes.InsertRange(at, bytes.GetRange(random.Next(bytes.Count - length), length));
                    break;
                default:
                    bytes[at] = (byte)"0123456789eE.-"[random.Next(14)];
                    break;
            }
        }

        return [.. bytes];
    }

    private static string[] Settings(Random random)
    {
        string[] paths = ["learner", "learner.type", "learner.steps", "model.channels", "rates", "seed", "name", "training", "a.b", "", "judge", "note", "learner.members"];
        string[] values = ["", "1", "-1", "null", "{", "{}", "[1", "[1,2]", "1,2", "x", "sample-maml", "{\"type\":\"sample-maml\"}", "\"", "\"\\ud800\"", "\ud800", "Infinity", "\0"];
        return [.. Enumerable.Range(0, random.Next(3)).Select(_ => $"{paths[random.Next(paths.Length)]}={values[random.Next(values.Length)]}")];
    }
}
