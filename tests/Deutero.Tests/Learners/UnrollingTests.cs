using Deutero.Learners;
using Deutero.Tests.Conformance;
using Deutero.Torch;
using Deutero.Training;

namespace Deutero.Tests.Learners;

public sealed class UnrollingTests
{
    public static IEnumerable<TheoryDataRow<Type, bool, DType, Execution>> Exact =>
        from type in AnyLearner.Types.Where(type => type.IsAssignableTo(typeof(IUnrolledLearner)))
        from images in new[] { false, true }
        from dtype in new[] { DType.Float32, DType.Float64 }
        from execution in new[] { Execution.Loop, Execution.Parallel, Execution.Vectorised }
        select new TheoryDataRow<Type, bool, DType, Execution>(type, images, dtype, execution).WithTrait("learner", type.Name);

    public static TheoryData<Type, InnerOptimiser> Policies => new(
        from policy in typeof(Unrolling).GetNestedTypes() from optimiser in InnerOptimiserTests.All select (policy, optimiser));

    // Of every unrolled learner: a new one is enrolled by existing. The reference is the plain loop with the whole graph.
    // In float32 the order of sums shows, through BatchNorm by some 20 roundings; float64 is what tells a mistake.
    [Theory]
    [MemberData(nameof(Exact))]
    public void Checkpointed_meta_gradient_is_the_full_one(Type type, bool images, DType dtype, Execution execution)
    {
        using var scope = new TensorScope();
        var learner = Long((IUnrolledLearner)AnyLearner.Create(type));
        var model = images ? AnyLearner.Images(learner) : AnyLearner.Dense(learner);
        var theta = learner.Init(model, Generator.Seed(1)).To(dtype);
        var episodes = AnyLearner.Episodes(images, 3, dtype);
        MetaGradient Run(Unrolling unrolling) =>
            MetaBatch.Mean(learner.WithUnrolling(unrolling), model, theta, episodes, Generator.Seed(5), execution, threads: 2);
        var full = Run(new Unrolling.Full());
        foreach (var segment in new[] { 1, 2, 100 })
        {
            var other = Run(new Unrolling.Checkpointed { Segment = segment });
            Assert.Equal(full.Direction.Names, other.Direction.Names);
            Assert.InRange(Distance(full.Direction.Flatten(), other.Direction.Flatten()), 0, dtype == DType.Float64 ? 1e-12 : 2e-6);
            Assert.InRange(Distance(full.Predictions, other.Predictions), 0, dtype == DType.Float64 ? 1e-12 : 2e-6);
            Assert.All(other.Leaves, leaf => Assert.False(leaf.RequiresGrad));
        }
    }

    // F1: (1 − αh)^M g (φ_K − b) with αh = .2, K = 3.
    [Theory]
    [InlineData(1, 0.0288)]
    [InlineData(2, 0.02304)]
    [InlineData(3, 0.018432)]
    [InlineData(9, 0.018432)]
    public void Truncation_of_a_parabola_is_that_of_the_closed_form(int last, double expected)
    {
        var maml = new Maml { InnerRate = 0.1, Steps = 3, Unrolling = new Unrolling.Truncated { Steps = last }, Objective = Linear.HalfSquare };
        var (support, query) = (Linear.Point([Math.Sqrt(2)], 0), Linear.Point([Math.Sqrt(3)], Math.Sqrt(3) * 0.5));
        Assert.Equal(expected, new Linear(1, 1).Run(maml, support, query).Direction["w"].ToDouble(), 1e-12);
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Execution_modes_agree_under_every_policy(Type policy, InnerOptimiser optimiser)
    {
        using var scope = new TensorScope();
        var learner = new Maml { InnerRate = 0.1, Steps = 3, Unrolling = (Unrolling)Activator.CreateInstance(policy)!, InnerOptimiser = optimiser };
        var model = AnyLearner.Dense(learner);
        var theta = learner.Init(model, Generator.Seed(1)).To(DType.Float64);
        var episodes = AnyLearner.Episodes(images: false, 3, DType.Float64);
        Tensor Run(Execution execution) => MetaBatch.Mean(learner, model, theta, episodes, Generator.Seed(5), execution, threads: 2).Direction.Flatten();
        var loop = Run(Execution.Loop);
        Assert.InRange(Distance(loop, Run(Execution.Parallel)), 0, 1e-12);
        Assert.InRange(Distance(loop, Run(Execution.Vectorised)), 0, 1e-12);
    }

    // φ_0 = w, φ_(t+1) = φ_t − r ∇L: on F1 with a learned rate, dL_Q/dr = −Σ_t ∇L_S(φ_t) (1 − rh)^(K−1−t) g (φ_K − b). The start may be a constant.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Checkpointing_reaches_what_a_step_takes_from_the_meta_parameters(bool constantStart)
    {
        const double H = 2, G = 3, B = 0.5, Rate = 0.1;
        Parameters theta = [new("w", Double(1)), new("rate", Double(Rate))];
        var loop = new InnerLoop(
            meta => [new("w", constantStart ? Double(1) : meta["w"])],
            (meta, phi, _, constant) => phi - (meta["rate"] * Transforms.Grad(at => at["w"].Square() * (H / 2), phi, constant)),
            (_, phi) => inputs => inputs * phi["w"]);
        (Tensor Loss, Tensor Predictions) Judge(Parameters meta, Parameters phi) => ((phi["w"] - B).Square() * (G / 2), phi["w"]);
        var (expected, phi) = (0.0, 1.0);
        for (var t = 0; t < 3; t++)
        {
            expected -= H * phi * Math.Pow(1 - (Rate * H), 2 - t);
            phi -= Rate * H * phi;
        }

        foreach (var unrolling in new Unrolling[] { new Unrolling.Full(), new Unrolling.Checkpointed(), new Unrolling.Checkpointed { Segment = 2 } })
        {
            var direction = loop.MetaGradient(theta, 3, unrolling, Judge).Direction;
            Assert.Equal(constantStart ? 0 : 0.018432, direction["w"].ToDouble(), 1e-12);
            Assert.Equal(expected * G * (phi - B), direction["rate"].ToDouble(), 1e-12);
        }
    }

    [Fact]
    public void Impossible_settings_are_refused_by_name()
    {
        Assert.Contains("Segment", Assert.Throws<ArgumentOutOfRangeException>(() => new Unrolling.Checkpointed { Segment = 0 }).Message, StringComparison.Ordinal);
        Assert.Contains("Steps", Assert.Throws<ArgumentOutOfRangeException>(() => new Unrolling.Truncated { Steps = 0 }).Message, StringComparison.Ordinal);
    }

    private static IUnrolledLearner Long(IUnrolledLearner learner) => learner is Maml maml ? maml with { InnerRate = 0.1, Steps = 5 } : learner;

    private static Tensor Double(double value) => Tensor.From([value]).Reshape([]);

    private static double Distance(Tensor expected, Tensor actual) =>
        Math.Sqrt((expected - actual).Square().Sum().ToDouble() / expected.Square().Sum().ToDouble());
}
