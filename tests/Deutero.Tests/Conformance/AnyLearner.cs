using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Tests.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Conformance;

/// <summary>Every exported learner, found by its type, with small models and tasks to try it on.</summary>
internal static class AnyLearner
{
    internal const int Ways = 3;

    private const int Attributes = 6;

    internal static IEnumerable<Type> Types =>
        typeof(IMetaLearner).Assembly.GetExportedTypes().Where(type => type is { IsInterface: false } && type.IsAssignableTo(typeof(IMetaLearner)));

    // As they are, or narrower where the papers' networks would make the tests long.
    internal static IMetaLearner Create(Type type) => (IMetaLearner)Activator.CreateInstance(type)! switch
    {
        ConditionalNeuralProcess process => process with { Width = 8 },
        LatentNeuralProcess process => process with { Width = 8, Latents = 4 },
        AttentiveNeuralProcess process => process with { Width = 8, Latents = 4, Heads = 2 },
        InContextLearner transformer => transformer with { Width = 8, Layers = 2, Heads = 2 },
        Snail snail => snail with { Filters = 4, Keys = 3, Values = 2, Longest = 6 },
        Mann mann => mann with { Hidden = 6, Slots = 8, Width = 4, Heads = 2 },
        SparseAccessMemory memory => memory with { Hidden = 6, Slots = 12, Width = 4, Heads = 2 },
        FastWeights weights => weights with { Hidden = 6 },
        HyperNetwork hyper => hyper with { Width = 6 },
        MetaNetwork network => network with { Width = 5 },
        GMeta descending => descending with { Steps = 3, EvaluationSteps = 3 },
        ZeroShotProtoNet zeroShot => zeroShot with { Attributes = Attributes },
        CrossModalProtoNet crossModal => crossModal with { Attributes = Attributes, Width = 8 },
        CrossModalMatching matching => matching with { Attributes = Attributes },
        Cnaps cnaps => cnaps with { Width = 6 },
        var learner => learner,
    };

    internal static IModel Dense(IMetaLearner learner) => new Mlp { Inputs = 20, Hidden = [8], Outputs = learner.HeadWidth(Ways) };

    internal static IModel Images(IMetaLearner learner) => new Conv4 { Height = 16, Width = 16, Filters = 4, Outputs = learner.HeadWidth(Ways) };

    internal static Episode[] Episodes(bool images, int count, DType dtype = DType.Float32)
    {
        ITaskDistribution source = images ? new FewShotClassification(new SyntheticPool(9, 6, 1, 16, 16), Ways, 2, 2) : new Nuisance20(Ways, 2, 2);

        // Classes have attributes, which most learners have no eyes for.
        Episode Described(Episode episode, int i) => episode with { Support = episode.Support with { Attributes = Generator.Seed(18).Derive(i).Normal([Ways, Attributes]) } };
        return [.. Enumerable.Range(0, count).Select(i => Described(source.Sample(Generator.Seed(17).Derive(i)), i).To(dtype))];
    }
}
