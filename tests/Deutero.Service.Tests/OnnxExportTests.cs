using Deutero.Edge;
using Deutero.Edge.Onnx;
using Deutero.Learners;
using Deutero.Models;

namespace Deutero.Service.Tests;

public sealed class OnnxExportTests
{
    private const double Close = 1e-4;

    private static readonly SupportClass[] s_support = Small.Support(5, 3);

    private static readonly float[][] s_asked = [.. Enumerable.Range(0, 7).Select(i => Small.Glyph(37 * (i % 5), 10 + i))];

    public static TheoryData<string> Learners => ["ProtoNet", "scaled ProtoNet", "calibrated ProtoNet", "R2D2", "MAML", "ANIL", "ANIL on strides", "MLP"];

    [Theory]
    [MemberData(nameof(Learners))]
    public void A_classifier_gives_the_probabilities_of_Deutero(string name)
    {
        Assert.SkipWhen(OnnxRuntime.Absent is not null, OnnxRuntime.Absent ?? "");
        using var model = Model(name);
        using var adapted = model.Adapt(s_support);
        using var runtime = new OnnxRuntime(OnnxExport.Classifier(model, s_support));
        float[] items = [.. s_asked.SelectMany(item => item)];
        var found = runtime.Run("items", items, [s_asked.Length, 1, 28, 28], "probabilities", 5 * s_asked.Length);
        var expected = s_asked.SelectMany(item => adapted.Predict(item).Probabilities).ToArray();
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, Close));
        Assert.True(expected.Max() - expected.Min() > 0.05);
    }

    [Theory]
    [InlineData("ProtoNet")]
    [InlineData("R2D2")]
    [InlineData("ANIL")]
    public void An_encoder_and_a_head_give_the_logits_of_Deutero(string name)
    {
        Assert.SkipWhen(OnnxRuntime.Absent is not null, OnnxRuntime.Absent ?? "");
        using var model = Model(name);
        using var adapted = model.Adapt(s_support);
        using var encoder = new OnnxRuntime(OnnxExport.Encoder(model));
        using var head = new OnnxRuntime(OnnxExport.Head(model, s_support));
        foreach (var item in s_asked)
        {
            var features = encoder.Run("items", item, [1, 1, 28, 28], "features", 64);
            Assert.All(model.Embedding!.Of([item])[0].Zip(features), pair => Assert.Equal(pair.First, pair.Second, Close * (1 + Math.Abs(pair.First))));
            var logits = head.Run("features", features, [1, 64], "logits", 5);
            Assert.All(adapted.Logits(item).Zip(logits), pair => Assert.Equal(pair.First, pair.Second, Close * (1 + Math.Abs(pair.First))));
        }
    }

    [Theory]
    [InlineData("MAML", "export the whole classifier")]
    [InlineData("by episode", "model.batchNorm=running")]
    [InlineData("matching", "MatchingNet cannot be exported")]
    [InlineData("CNAPs", "it scales and shifts the encoder for each support set")]
    public void What_cannot_be_exported_is_refused_in_a_sentence(string name, string sentence)
    {
        using var model = Model(name);
        Assert.Contains(sentence, Assert.Throws<ArgumentException>(() => OnnxExport.Head(model, s_support)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_command_exports_an_encoder_a_classifier_and_a_head()
    {
        var folder = Directory.CreateTempSubdirectory("deutero-onnx-").FullName;
        var (run, task) = (Path.Combine(folder, "run"), Path.Combine(folder, "task"));
        Command.Train(run, "--set", "model.batchNorm=running");
        Deutero("data", "export", "glyphs", "--split", "test", "--classes", "3", "--images", "2", "--queries", "1", "--output", task);
        foreach (var more in (string[][])[[], ["--support", Path.Combine(task, "support")], ["--support", Path.Combine(task, "support"), "--head"]])
        {
            var file = Path.Combine(folder, "model.onnx");
            Deutero(["export", run, "-o", file, .. more]);
            Assert.InRange(new FileInfo(file).Length, 300, 1_000_000);
        }

        Directory.Delete(folder, recursive: true);
    }

    private static void Deutero(params string[] arguments)
    {
        var (exit, output) = Command.Run(Command.Of("Deutero.Cli"), arguments);
        Assert.True(exit == 0, output);
    }

    private static AdaptationModel Model(string name) => name switch
    {
        "ProtoNet" => Small.WithStatistics(new ProtoNet()),
        "scaled ProtoNet" => Small.WithStatistics(new ProtoNet { Scale = 0.1 }),
        "calibrated ProtoNet" => Small.WithStatistics(new ProtoNet(), calibration: Small.Calibration with { Temperature = 20 }),
        "R2D2" => Small.WithStatistics(new R2d2()),
        "MAML" => Small.WithStatistics(new Maml { InnerRate = 0.01, Steps = 3 }),
        "ANIL" => Small.WithStatistics(new Anil { InnerRate = 0.1 }),
        "ANIL on strides" => Small.WithStatistics(new Anil { InnerRate = 0.1 }, new Conv4 { Downsampling = Downsampling.Stride, Filters = 16 }),
        "MLP" => Small.WithStatistics(new Maml { InnerRate = 0.1 }, new Mlp { Hidden = [30, 20], Activation = Activation.Softplus }),
        "CNAPs" => Small.WithStatistics(new Cnaps()),
        "matching" => Small.WithStatistics(new MatchingNet()),
        _ => Small.ProtoNet(),
    };
}
