using Deutero.Data;
using Deutero.Tasks;
using Deutero.Torch.Imaging;

namespace Deutero.Cli.Tests.EndToEnd;

/// <summary>Two small trained runs, and glyphs of unseen scripts as image files.</summary>
public sealed class TrainedRuns : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly IClassPool _glyphs = Glyphs.Open("test");

    public TrainedRuns()
    {
        Train("protonet", 150, 5, "training.outer.rate=5e-3");
        Train("maml", 3, 5);
    }

    internal string ProtoNet => _folder["protonet"];

    internal string Maml => _folder["maml"];

    public void Dispose() => _folder.Dispose();

    /// <summary>Writes some items of some classes, one folder a class.</summary>
    internal void WriteGlyphs(string folder, int classes, int from, int count, bool darkOnWhite)
    {
        for (var i = 0; i < classes; i++)
        {
            Directory.CreateDirectory(Path.Combine(folder, $"class{i}"));
            for (var item = from; item < from + count; item++)
            {
                File.WriteAllBytes(Path.Combine(folder, $"class{i}", $"{item}.png"), Png(37 * i, item, darkOnWhite));
            }
        }
    }

    private byte[] Png(int classIndex, int item, bool darkOnWhite)
    {
        var values = new float[28 * 28];
        _glyphs.Write(classIndex, item, values);
        return new Image(28, 28, 1, [.. values.Select(value => (byte)Math.Round(255 * (darkOnWhite ? 1 - value : value)))]).EncodePng();
    }

    private void Train(string learner, int iterations, int ways, params string[] more)
    {
        var outcome = DeuteroProcess.Run(["train", "-o", _folder[learner], .. Settings.Glyphs(learner, iterations, ways), .. Settings.Set(more)]);
        Assert.True(outcome.Code == 0, outcome.Error);
    }
}
