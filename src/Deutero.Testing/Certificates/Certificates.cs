using System.Reflection;
using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Testing;

/// <summary>Numerical proof, in float64, that each learner descends along what its definition says.</summary>
/// <remarks>
/// A learner is enrolled by existing: without more, its direction is compared with central finite differences of the loss that it reports, at up to
/// 60 coordinates of each tensor of θ, or fewer of each where θ has many.
/// A learner marked <see cref="NotAGradientAttribute"/> needs a definition here to be compared with, and fails without one.
/// </remarks>
public static class Certificates
{
    private const int Ways = 3;
    private const int Features = 4;
    private const int AttributesOfEach = 3;
    private const int CoordinatesOfEach = 60;
    private const int CoordinatesOfAll = 400; // at least four of each
    private const double Tolerance = 1e-6;
    private const ulong Seed = 20170309;

    // Without damping and with conjugate gradients run to convergence, the direction is the gradient of the solution's loss.
    private static readonly ImplicitMaml s_solved = new() { Penalty = 4, Damping = 0, PenaltyDamping = 0, ConjugateSteps = 20 };

    /// <summary>Every exported learner of the library with its default settings, variations of them, regression where a learner takes values, and the closed forms.</summary>
    /// <param name="learner">The type's name of the only learner to certify; null for all.</param>
    /// <returns>One certificate for each of them; none where no learner has that name.</returns>
    public static IReadOnlyList<Certificate> All(string? learner = null)
    {
        using var scope = new TensorScope();
        bool IsOf(string name) => learner is null || name == learner || name.StartsWith(learner + ",", StringComparison.Ordinal) || name.StartsWith(learner + " ", StringComparison.Ordinal);
        return
        [
            .. Plans.Where(plan => IsOf(plan.Name)).Select(plan => plan.Certify(plan.Name)),
            .. Learners.Where(one => IsOf(one.GetType().Name) && TakesValues(one)).Select(one => OfValues(one, $"{one.GetType().Name}, regression")),
            .. ClosedForms.All().Where(certificate => IsOf(certificate.Learner)),
        ];
    }

    private static IEnumerable<Planned> Plans =>
    [
        .. Learners.Select(learner => Plan(learner)),
        Plan(Small(new AttentiveNeuralProcess { Latents = 0 }), "AttentiveNeuralProcess without latent variables"),
        Plan(new DifferentiablePlasticity { Rule = HebbianRule.Oja }, "DifferentiablePlasticity, Oja's rule"),
        Plan(new NeuromodulatedPlasticity { Retroactive = true }, "NeuromodulatedPlasticity, retroactive"),
        Plan(new Anil { Steps = 1 }, "Anil, 1 step"),
        .. Learners.OfType<IUnrolledLearner>().Select(learner => Plan(learner.WithUnrolling(new Unrolling.Checkpointed()), $"{learner.GetType().Name}, checkpointed")),
        Plan(new Maml { Steps = 3 }, "Maml, 3 steps"),
        Plan(new Maml { Unrolling = new Unrolling.Checkpointed(), Steps = 3 }, "Maml, checkpointed, 3 steps"),
        Plan(new Maml { Unrolling = new Unrolling.Checkpointed { Segment = 2 }, Steps = 5 }, "Maml, checkpointed by 2, 5 steps"),
        Plan(new Maml { Unrolling = new Unrolling.Truncated { Steps = 2 }, Steps = 3 }, "Maml, truncated to 2 of 3 steps"),
        Plan(new Maml { Unrolling = new Unrolling.FirstOrder(), Steps = 3 }, "Maml, first order, 3 steps"),
        .. InnerOptimisers(),
        Plan(new Bmaml { Steps = 3, LeaderSteps = 2 }, "Bmaml, 3 steps"),
        Plan(new Bmaml { Steps = 3, Loss = BmamlLoss.Likelihood }, "Bmaml, likelihood, 3 steps"),
        Plan(new Platipus { Steps = 3 }, "Platipus, 3 steps"),
        Plan(new Leo { Latents = 3, DivergenceWeight = 0.5, EncoderWeight = 0.5, OrthogonalityWeight = 0.5 }, "Leo, large penalties"),
        Plan(new MetaSgd { Steps = 3 }, "MetaSgd, 3 steps"),
        Plan(new Boil { Steps = 3 }, "Boil, 3 steps"),
        Plan(new Cavia { Steps = 3 }, "Cavia, 3 steps"),
        Plan(new MamlPlusPlus { FirstOrderEpochs = 0 }.At(5, 100), "MamlPlusPlus, losses of all steps"),
        Plan(new MamlPlusPlus { FirstOrderEpochs = 0, Unrolling = new Unrolling.Checkpointed() }.At(5, 100), "MamlPlusPlus, losses of all steps, checkpointed"),
        Plan(new TNet { Steps = 3 }, "TNet, 3 steps"),
        Plan(new MtNet { Steps = 3 }, "MtNet, 3 steps"),
        Plan(new MetaCurvature { Steps = 3 }, "MetaCurvature, 3 steps"),
        Plan(new Reptile { InnerAdam = false, BatchSize = 0, InnerRate = 0.1 }, "Reptile, SGD on all examples"),
        Plan(new Reptile { CarryMoments = true }, "Reptile, moments carried"),
        Plan(s_solved with { Steps = 60, InnerRate = 0.15 }, "ImplicitMaml, solved by descent"),
        Plan(s_solved with { Steps = 5, Solver = InnerSolver.HessianFree }, "ImplicitMaml, solved Hessian-free"),
        Plan(new MetaDiff { SeesWeights = true, Width = 16 }, "MetaDiff that sees the weights"),
        Plan(new MetaOptNet { Head = ConvexHead.Ridge, Penalty = 1 }, "MetaOptNet, ridge"),
        Plan(new LaplaceMaml { Weight = 0.1, Precision = 0.5, Steps = 2 }, "LaplaceMaml, a great weight"),
        Plan(new EsMaml { InnerDirections = 3, Directions = 4 }, "EsMaml, estimates in both loops"),
        Plan(new HfMaml { Steps = 3 }, "HfMaml, 3 steps"),
        .. ((TaskWeighing[])[new TaskWeighing.Sum(), new TaskWeighing.Uncertainty(), new TaskWeighing.GradNorm(), new TaskWeighing.PcGrad()]).Select(weighing => new Planned(
            $"MultiTask, {weighing.GetType().Name}, 3 tasks", name => Of(new MultiTask { Ways = 2, Weighing = weighing }, name, 2 * Ways, random => Sample(random, 2 * Ways)))),
        Plan(new SimpleCnaps { Adapts = true, Width = 6 }, "SimpleCnaps that adapts"),
        Plan(new Tadam { LearnsScale = false, Scale = 0.5, Penalty = 1 }, "Tadam, a fixed scale"),
    ];

    private static Planned Plan(IMetaLearner learner, string? name = null) => new(name ?? learner.GetType().Name, name => Of(learner, name));

    private sealed record Planned(string Name, Func<string, Certificate> Certify);

    /// <summary>Compares one learner's direction with its definition, on a small smooth model and a small episode.</summary>
    /// <param name="learner">The learner with its settings.</param>
    /// <param name="name">What to call it; null for the name of its type.</param>
    public static Certificate Of(IMetaLearner learner, string? name = null) => Of(learner, name ?? learner.GetType().Name, Ways, random => Sample(random, Ways));

    // On an episode of values to predict.
    private static Certificate OfValues(IMetaLearner learner, string name) => Of(learner, name, 1, SampleValues);

    private static Episode SampleValues(Generator random)
    {
        Examples Draw() => new(random.Normal([4, Features], dtype: DType.Float64), random.Normal([4, 1], dtype: DType.Float64), Ways: 0);
        return new(Draw(), Draw(), "certificate");
    }

    private static Mlp ModelOf(IMetaLearner learner, int outputs) =>
        new() { Inputs = Features, Hidden = [5], Outputs = learner.HeadWidth(outputs), Activation = Activation.Tanh };

    private static Certificate Of(IMetaLearner learner, string name, int outputs, Func<Generator, Episode> sample)
    {
        using var scope = new TensorScope();
        var model = ModelOf(learner, outputs);
        using var init = Generator.Seed(Seed);
        var theta = learner.Init(model, init).To(DType.Float64);
        if (theta.Count == 0)
        {
            return new(name, 0, "nothing is meta-learned", Tolerance);
        }

        var episode = sample(init);
        var coordinates = CentralDifferences.Sample(theta, Math.Clamp(CoordinatesOfAll / theta.Count, 4, CoordinatesOfEach));
        var direction = At(coordinates, Run(learner, model, theta, episode).Direction.Flatten().ToArray<double>());
        var (expected, method) = Expected(learner, model, theta, episode, coordinates);
        return new(name, expected is null ? double.NaN : CentralDifferences.RelativeError(direction, expected), method, Tolerance);
    }

    // Adam's ε as large as a gradient's square, so that differences resolve what a smaller one makes of a gradient near 0.
    private static IEnumerable<Planned> InnerOptimisers()
    {
        foreach (var (optimiser, rate, name) in new (InnerOptimiser, double, string)[]
        {
            (new InnerOptimiser.Momentum(), 0.1, "momentum"),
            (new InnerOptimiser.Adam { Epsilon = 1e-4 }, 0.05, "Adam"),
        })
        {
            var maml = new Maml { InnerOptimiser = optimiser, InnerRate = rate, Steps = 3 };
            yield return Plan(maml, $"Maml, {name}, 3 steps");
            yield return Plan(maml with { Unrolling = new Unrolling.Checkpointed() }, $"Maml, {name}, checkpointed, 3 steps");
            yield return Plan(maml with { Unrolling = new Unrolling.Truncated { Steps = 2 } }, $"Maml, {name}, truncated to 2 of 3 steps");
            yield return Plan(maml with { Unrolling = new Unrolling.FirstOrder() }, $"Maml, {name}, first order, 3 steps");
            yield return Plan(new Anil { InnerOptimiser = optimiser, InnerRate = rate, Steps = 3 }, $"Anil, {name}, 3 steps");
            yield return Plan(new Boil { InnerOptimiser = optimiser, InnerRate = rate, Steps = 3 }, $"Boil, {name}, 3 steps");
        }
    }

    private static IEnumerable<IMetaLearner> Learners =>
        typeof(IMetaLearner).Assembly.GetExportedTypes()
            .Where(type => type is { IsAbstract: false } && type.IsAssignableTo(typeof(IMetaLearner)))
            .OrderBy(type => type.Name, StringComparer.Ordinal)
            .Select(type => Small((IMetaLearner)Activator.CreateInstance(type)!));

    // Narrower networks than the papers', which differences could not afford.
    private static IMetaLearner Small(IMetaLearner learner) => learner switch
    {
        ConditionalNeuralProcess process => process with { Width = 8 },
        LatentNeuralProcess process => process with { Width = 8, Latents = 4 },
        AttentiveNeuralProcess process => process with { Width = 8, Heads = 2, Latents = Math.Min(4, process.Latents) },
        InContextLearner transformer => transformer with { Width = 8, Heads = 2, Layers = 2 },
        Snail snail => snail with { Filters = 4, Keys = 3, Values = 2, Longest = 6 },
        Mann mann => mann with { Hidden = 6, Slots = 8, Width = 4, Heads = 2, Strength = true },
        SparseAccessMemory memory => memory with { Hidden = 6, Slots = 12, Width = 4, Heads = 2, Reads = 3 },
        FastWeights weights => weights with { Hidden = 6 },
        HyperNetwork hyper => hyper with { Width = 6 },
        MetaNetwork network => network with { Width = 5 },
        ZeroShotProtoNet zeroShot => zeroShot with { Attributes = AttributesOfEach },
        CrossModalProtoNet crossModal => crossModal with { Attributes = AttributesOfEach, Width = 8 },
        CrossModalMatching matching => matching with { Attributes = AttributesOfEach },
        Cnaps cnaps => cnaps with { Width = 6 },
        _ => learner,
    };

    // Learners that know classes alone refuse values in a sentence.
    private static bool TakesValues(IMetaLearner learner)
    {
        try
        {
            var model = ModelOf(learner, 1);
            using var random = Generator.Seed(Seed);
            var theta = learner.Init(model, random).To(DType.Float64);
            return theta.Count > 0 && Run(learner, model, theta, SampleValues(random)).Direction.Count > 0;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static (double[]? Direction, string Method) Expected(IMetaLearner learner, IModel model, Parameters theta, Episode episode, int[] coordinates)
    {
        switch (learner)
        {
            case Maml { Unrolling: Unrolling.FirstOrder } maml:
                return (At(coordinates, Definitions.FirstOrder(maml, model, theta, episode)), "gradient of the query loss at the adapted parameters");
            case Maml { Unrolling: Unrolling.Truncated truncated } maml:
                return (At(coordinates, Definitions.Truncated(maml, truncated.Steps, model, theta, episode)), "finite differences at the parameters before the last steps");
            case Reptile reptile:
                using (var random = Generator.Seed(Seed))
                {
                    return (At(coordinates, Definitions.Reptile(reptile, model, theta, episode, random)), "θ − φ by a plain loop");
                }

            case Bmaml bmaml:
                return (Posteriors.Gradient(bmaml, model, theta, episode, coordinates), "finite differences of a plain loop, leader and bandwidths fixed");
            case Platipus platipus:
                using (var random = Generator.Seed(Seed))
                {
                    return (Posteriors.Gradient(platipus, model, theta, episode, random, coordinates), "finite differences of a plain loop");
                }

            case Leo leo:
                using (var random = Generator.Seed(Seed))
                {
                    return (Posteriors.Gradient(leo, model, theta, episode, random, coordinates), "central finite differences, adapted latents of the penalty fixed");
                }

            case LearnedOptimiser optimiser:
                using (var random = Generator.Seed(Seed))
                {
                    return (LearnedUpdates.Gradient(optimiser, model, theta, episode, random, coordinates), "finite differences of a plain loop");
                }

            case MetaTransfer:
                return (ButZero(name => !IsUnder(name, "head", "scale", "shift")), "central finite differences, and zero in the frozen body");
            case Cnaps or SimpleCnaps { Adapts: true }:
                return (ButZero(name => !IsUnder(name, "adaptation")), "central finite differences, and zero in the frozen body");
            case Tadam tadam:
                return (Differences(at => Run(learner, model, at, episode).Loss.ToDouble() + ComparisonLosses.Penalty(tadam, at)), "finite differences of the query loss and the penalty");
            case MetaDiff diffusion:
                using (var random = Generator.Seed(Seed))
                {
                    return (Denoising.Gradient(diffusion, model, theta, episode, random, coordinates), "finite differences of the denoising loss, computed again");
                }

            case MetaLstm lstm:
                return (LearnedUpdates.Gradient(lstm, model, theta, episode, coordinates), "finite differences of a plain loop");
            case ImplicitMaml { Damping: > 0, Solver: InnerSolver.Descent } implicitMaml:
                return (At(coordinates, Definitions.Implicit(implicitMaml, model, theta, episode)), "the Hessian by differences of gradients, in a Krylov space");
            case ImplicitMaml { Damping: 0, PenaltyDamping: 0 }:
                return (ByDifferences(), "central finite differences of the solved inner problem");
            case SharpMaml { ThroughPerturbation: false } sharp:
                return (At(coordinates, Definitions.Sharp(sharp, model, theta, episode)), "differences of plain loops with frozen perturbations");
            case LaplaceMaml laplace:
                return (At(coordinates, Definitions.Laplace(laplace, model, theta, episode)), "finite differences, with a dense Gauss-Newton matrix");
            case EsMaml es:
                using (var random = Generator.Seed(Seed))
                {
                    return (At(coordinates, Definitions.Evolution(es, model, theta, episode, random)), "the same directions in a plain loop");
                }

            case MtNet net:
                using (var random = Generator.Seed(Seed))
                {
                    return (Definitions.StraightThrough(net, model, theta, episode, random, coordinates), "finite differences of a plain loop with masks of slope σ'");
                }

            case HfMaml hf:
                return (At(coordinates, Definitions.HessianFree(hf, model, theta, episode)), "the reverse sweep in a plain loop");
            case RelationNet relation:
                return (Differences(at => ComparisonLosses.Relation(relation, model, at, episode, Generator.Seed(Seed))), "finite differences of the scores' squared errors");
            case SimClr contrastive:
                return (Differences(at => ComparisonLosses.Contrastive(contrastive, model, at, episode)), "finite differences of NT-Xent by plain loops");
            case CrossModalMatching matching:
                return (Differences(at => ComparisonLosses.Matching(matching, model, at, episode)), "finite differences of the symmetric loss by plain loops");
            case Siamese { Loss: var loss }:
                return (Differences(at => ComparisonLosses.Siamese(loss, model, at, episode)), "finite differences of the loss of pairs by plain loops");
            case Feat feat:
                return (Differences(at => ComparisonLosses.Feat(feat, model, at, episode)), "finite differences of both losses by plain loops");
            case ConditionalNeuralProcess or LatentNeuralProcess or AttentiveNeuralProcess:
                return (Differences(at => ProcessLosses.Of(learner).Loss(model, at, episode, Generator.Seed(Seed))), "finite differences of the loss, computed again point by point");
            case MetaNetwork network:
                using (var random = Generator.Seed(Seed))
                {
                    var order = Tensor.From(Array.ConvertAll(random.Choose((int)episode.Support.Count, (int)episode.Support.Count), place => (long)place));
                    return (Differences(at => Objectives.Standard(network.Learn(model, at, theta, episode.Support, order)(episode.Query.Inputs), episode.Query).ToDouble()),
                        "central finite differences with the support's gradients fixed");
                }

            case MultiTask multi:
                using (var random = Generator.Seed(Seed))
                {
                    return (At(coordinates, JointLosses.Direction(multi, model, theta, episode, random)), "finite differences of each task's loss, and a plain loop over them");
                }

            case LinearProbe or BaselinePlusPlus or FineTuning:
                return (new double[coordinates.Length], "0");
            default:
                var other = learner.GetType().GetCustomAttribute<NotAGradientAttribute>();
                return other is null
                    ? (ByDifferences(), "central finite differences")
                    : (null, $"no definition of '{other.Definition}' to compare with");
        }

        double[] ButZero(Func<string, bool> frozen) =>
            [.. ByDifferences().Zip(At(coordinates, theta.Map((name, leaf) => frozen(name) ? leaf.ZerosLike() : leaf.OnesLike()).Flatten().ToArray<double>()), (slope, free) => free * slope)];

        double[] ByDifferences() => Differences(at => Run(learner, model, at, episode).Loss.ToDouble());

        double[] Differences(Func<Parameters, double> loss) => CentralDifferences.Gradient(loss, theta, coordinates);
    }

    private static bool IsUnder(string name, params string[] prefixes) => prefixes.Any(prefix => name.StartsWith(prefix + ".", StringComparison.Ordinal));

    private static double[] At(int[] coordinates, double[] values) => Array.ConvertAll(coordinates, i => values[i]);

    private static MetaGradient Run(IMetaLearner learner, IModel model, Parameters theta, Episode episode)
    {
        using var random = Generator.Seed(Seed);
        return learner.MetaGradient(model, theta, episode, random);
    }

    // Classes scattered around random centres, two support and two query examples each.
    private static Episode Sample(Generator random, int ways)
    {
        const int Each = 2;
        var centres = random.Normal([ways, 1, Features], dtype: DType.Float64);
        var labels = Tensor.From(Enumerable.Range(0, ways * Each).Select(i => (long)(i / Each)).ToArray());
        Examples Draw() => new((centres + random.Normal([ways, Each, Features], 0.5, DType.Float64)).Reshape([ways * Each, Features]), labels, ways);
        var (support, query) = (Draw(), Draw());
        return new(support with { Attributes = random.Normal([ways, AttributesOfEach], dtype: DType.Float64) }, query, "certificate");
    }
}
