using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Testing;
using Deutero.Torch;

namespace Deutero.Tests;

public sealed class CertificatesTests
{
    private static readonly Lazy<IReadOnlyList<Certificate>> s_all = new(() => Certificates.All());

    [Fact]
    public void Every_learner_descends_along_its_definition() =>
        Assert.All(s_all.Value, certificate => Assert.True(certificate.Holds, certificate.ToString()));

    [Fact]
    public void Every_exported_learner_has_a_certificate()
    {
        var names = s_all.Value.Select(certificate => certificate.Learner).ToHashSet();
        Assert.All(typeof(IMetaLearner).Assembly.GetExportedTypes().Where(type => type.IsAssignableTo(typeof(IMetaLearner)) && !type.IsInterface),
            type => Assert.Contains(type.Name, names));
    }

    // Those that take values are found by trying: none of these may refuse them.
    [Fact]
    public void Learners_of_values_are_certified_on_values()
    {
        string[] learners =
        [
            "Anil", "AttentiveNeuralProcess", "Bmaml", "Boil", "Cavia", "ConditionalNeuralProcess", "DifferentiablePlasticity", "EsMaml", "FastWeights", "HfMaml", "HyperNetwork", "ImplicitMaml",
            "InContextLearner", "LaplaceMaml", "LatentNeuralProcess", "LearnedOptimiser", "Maml", "MamlPlusPlus", "Mann", "MetaCurvature", "MetaLstm", "MetaNetwork", "MetaSgd", "MtNet",
            "NeuromodulatedPlasticity", "Platipus", "R2d2", "Reptile", "SharpMaml", "Snail", "SparseAccessMemory", "TNet",
        ];
        Assert.Superset(learners.Select(learner => $"{learner}, regression").ToHashSet(), s_all.Value.Select(certificate => certificate.Learner).ToHashSet());
    }

    [Fact]
    public void One_learner_is_certified_alone_on_classes_and_on_values()
    {
        var names = Certificates.All("Anil").Select(certificate => certificate.Learner).ToArray();
        Assert.All(names, name => Assert.StartsWith("Anil", name, StringComparison.Ordinal));
        Assert.Contains("Anil", names);
        Assert.Contains("Anil, regression", names);
        Assert.DoesNotContain("ProtoNet, regression", s_all.Value.Select(certificate => certificate.Learner));
    }

    [Fact]
    public void Wrong_gradient_gets_no_certificate()
    {
        var certificate = Certificates.Of(new Twice());
        Assert.False(certificate.Holds);
        Assert.Equal(1, certificate.RelativeError, 1e-6);
    }

    [Fact]
    public void Learner_that_is_no_gradient_and_has_no_definition_gets_no_certificate()
    {
        var certificate = Certificates.Of(new Undefined());
        Assert.False(certificate.Holds);
        Assert.Contains("twice the gradient", certificate.Method, StringComparison.Ordinal);
    }

    private sealed record Twice : IMetaLearner
    {
        private readonly ProtoNet _inner = new();

        public int HeadWidth(int outputs) => 0;

        public Parameters Init(IModel model, Generator random) => _inner.Init(model, random);

        public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random) => _inner.Adapt(model, theta, support, random);

        public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random)
        {
            var once = _inner.MetaGradient(model, theta, episode, random);
            return once with { Direction = 2 * once.Direction };
        }
    }

    [NotAGradient("twice the gradient")]
    private sealed record Undefined : IMetaLearner
    {
        private readonly Twice _inner = new();

        public int HeadWidth(int outputs) => 0;

        public Parameters Init(IModel model, Generator random) => _inner.Init(model, random);

        public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random) => _inner.Adapt(model, theta, support, random);

        public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) =>
            _inner.MetaGradient(model, theta, episode, random);
    }
}
