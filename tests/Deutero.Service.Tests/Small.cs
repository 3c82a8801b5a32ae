using Deutero.Data;
using Deutero.Edge;
using Deutero.Learners;
using Deutero.Models;
using Deutero.Service.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Service.Tests;

/// <summary>Models and glyphs that are made in milliseconds.</summary>
internal static class Small
{
    internal static readonly ImageContract Images = new(1, 28, InkIsBright: true);

    private static readonly IClassPool s_glyphs = Glyphs.Open("test");

    private static ModelCalibration? s_calibration;

    internal static AdaptationModel ProtoNet(ulong seed = 1) => Model(new ProtoNet(), 0, seed);

    internal static AdaptationModel Maml(int ways) => Model(new Maml { InnerRate = 0.1, Steps = 3 }, ways, seed: 1);

    /// <summary>A model whose BatchNorm uses running statistics, so that items can be predicted in one pass.</summary>
    internal static AdaptationModel WithStatistics(bool maml = false, int filters = 64, ulong seed = 1)
    {
        IMetaLearner learner = maml ? new Maml { InnerRate = 0.01, Steps = 3 } : new ProtoNet();
        using var scope = new TensorScope();
        using var random = Generator.Seed(seed);
        var ways = learner.HeadWidth(5);
        var model = new Conv4 { Filters = filters, BatchNorm = BatchNormPolicy.Running }.WithShape(Images.ItemShape, ways);
        var theta = learner.Init(model, random);
        var statistics = model.BatchStatistics(theta, Tensor.From([.. Support(5, 5).SelectMany(one => one.Examples).SelectMany(item => item)], [25, 1, 28, 28]));
        return new(learner, model.WithStatistics(scope.Release(statistics)), scope.Release(theta), new(Images), ways, seed);
    }

    internal static ServedModel Served(string name, ulong seed = 1) =>
        new(name, $"{seed:x64}", ProtoNet(seed), new("glyphs", "", "", 0, 0, 0, "", ""));

    internal static float[] Glyph(int classIndex, int item)
    {
        var values = new float[28 * 28];
        s_glyphs.Write(classIndex, item, values);
        return values;
    }

    internal static SupportClass[] Support(int ways, int shots) =>
        [.. Enumerable.Range(0, ways).Select(way => new SupportClass($"class{way}", [.. Enumerable.Range(0, shots).Select(item => Glyph(37 * way, item))]))];

    internal static HeldOutTasks Tasks => new(Glyphs.Open("train"), Glyphs.Open("validation"), s_glyphs) { Episodes = 10, Shots = [1, 3], Queries = 2 };

    /// <summary>A prototypical network that was calibrated on a few tasks.</summary>
    internal static AdaptationModel Calibrated()
    {
        using var model = ProtoNet();
        var calibration = s_calibration ??= CalibrationLearning.Learn(model, Tasks);
        return Model(new ProtoNet(), 0, seed: 1, calibration);
    }

    private static AdaptationModel Model(IMetaLearner learner, int ways, ulong seed, ModelCalibration? calibration = null)
    {
        using var random = Generator.Seed(seed);
        var model = new Conv4 { Filters = 8, BatchNorm = BatchNormPolicy.Episode }.WithShape(Images.ItemShape, learner.HeadWidth(ways));
        return new(learner, model, learner.Init(model, random), new(Images), learner.HeadWidth(ways), seed) { Calibration = calibration };
    }
}
