using Deutero.Models;
using Deutero.Optimisers;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>MAML with implicit gradients: the meta-gradient comes from the inner problem's solution, whatever the way to it, in memory that no inner step adds to.</summary>
/// <remarks>
/// <para>The inner problem is φ* = argmin L(φ; S) + λ/2 ||φ − θ||². By the implicit function theorem dφ*/dθ = (I + H/λ)⁻¹, with H the Hessian of
/// L(·; S) at φ*, and the meta-gradient (I + H/λ)⁻¹ ∇L(φ*; Q) is found by conjugate gradients from Hessian-vector products. As the authors' program
/// does, the system is damped: ((1 + c) I + H/(λ + d))⁻¹, with c the <see cref="Damping"/> and d the <see cref="PenaltyDamping"/>; with both 0
/// it is the paper's. Conjugate gradients stop at a direction of no or negative curvature, which an inner problem that is not convex can have.</para>
/// <para><b>Differs from the authors' program:</b> the inner steps descend the penalised loss, as the paper says, where theirs take them without the
/// penalty and add one step of it; Hessian-free steps are damped by λ alone.</para>
/// <para><b>Cost:</b> memory of one Hessian-vector product, whatever the number of inner steps.</para>
/// </remarks>
[Paper("Rajeswaran, Finn, Kakade and Levine: Meta-Learning with Implicit Gradients", "NeurIPS 2019", "https://arxiv.org/abs/1909.04630")]
[NotAGradient("((1 + c) I + H/(λ + d))⁻¹ ∇L(φ; Q), by conjugate gradients at the parameters φ after the inner steps")]
public sealed record ImplicitMaml : IMetaLearner
{
    // Step lengths 1, 1/2, ..., of which the line search takes the longest that descends enough.
    private const int Halvings = 8;

    // The part of the squared residual at which conjugate gradients are done.
    private const double Converged = 1e-18;

    /// <summary>The strength λ of the proximal penalty, positive; default 2, the paper's for Omniglot.</summary>
    public double Penalty { get; init => field = Setting.Positive(value, nameof(Penalty)); } = 2;

    /// <summary>How the inner problem is solved; default gradient descent.</summary>
    public InnerSolver Solver { get; init; }

    /// <summary>The inner learning rate, for a loss that is a mean; Hessian-free steps have none; default 0.1.</summary>
    public double InnerRate { get; init => field = Setting.Positive(value, nameof(InnerRate)); } = 0.1;

    /// <summary>Inner steps in meta-training; default 16, the paper's for 5-way Omniglot.</summary>
    public int Steps { get; init => field = Setting.AtLeast(value, 1, nameof(Steps)); } = 16;

    /// <summary>Inner steps when adapting to a new task; 0 means as many as in meta-training, the default.</summary>
    public int EvaluationSteps { get; init => field = Setting.AtLeast(value, 0, nameof(EvaluationSteps)); }

    /// <summary>Steps of conjugate gradients, for the meta-gradient and within each Hessian-free step; default 5.</summary>
    public int ConjugateSteps { get; init => field = Setting.AtLeast(value, 1, nameof(ConjugateSteps)); } = 5;

    /// <summary>The multiple c of the identity that is added to the meta-gradient's system, at least 0; default 1.</summary>
    public double Damping { get; init => field = Setting.NotNegative(value, nameof(Damping)); } = 1;

    /// <summary>What is added to λ in the meta-gradient's system, d, at least 0; default 10.</summary>
    public double PenaltyDamping { get; init => field = Setting.NotNegative(value, nameof(PenaltyDamping)); } = 10;

    /// <summary>The loss of both loops; default <see cref="Objectives.Standard"/>.</summary>
    public Objective Objective { get; init; } = Objectives.Standard;

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => outputs;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random) => model.Init(random);

    /// <inheritdoc/>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random)
    {
        Predictor Predict(Parameters phi) => inputs => Episodic.ForwardBeside(model, phi, support.Inputs, inputs);
        return new([.. Solve(model, theta, support, EvaluationSteps > 0 ? EvaluationSteps : Steps).Select(Predict)]);
    }

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random)
    {
        var support = episode.Support;
        var phi = theta.Detach();
        foreach (var next in Solve(model, theta, support, Steps).Skip(1))
        {
            Episodic.Free(phi);
            phi = next;
        }

        var query = Episodic.QueryGradient(phi, episode, Objective, at => inputs => Episodic.ForwardBeside(model, at, support.Inputs, inputs));
        var direction = ConjugateGradients(
            v => ((1 + Damping) * v) + (1 / (Penalty + PenaltyDamping) * Transforms.Hvp(Loss(model, support), phi, v)), query.Direction, ConjugateSteps);
        return query with { Direction = direction };
    }

    /// <summary>Solves A x = b for a symmetric A that is known by its products with vectors, from x = 0.</summary>
    /// <remarks>
    /// Stops, by steps of length 0, where p'Ap ≤ 1e-8 p'p: a matrix that is not positive definite has no minimum to find; b itself is returned where
    /// that is so at once. No branch depends on a value, so that every task of a vectorised batch stops by itself.
    /// </remarks>
    internal static Parameters ConjugateGradients(Func<Parameters, Parameters> product, Parameters b, int steps)
    {
        var (x, r, p) = (b.Map(leaf => leaf.ZerosLike()), b, b);
        var (square, enough) = (r.Dot(r), Converged * b.Dot(b));
        var going = square.OnesLike();
        for (var step = 0; step < steps; step++)
        {
            using var scope = new TensorScope();
            var image = product(p);
            var curvature = p.Dot(image);
            var curved = curvature.Gt(1e-8 * p.Dot(p)).To(square.DType);
            x = step == 0 ? (1 - curved) * b : x;
            going = scope.Keep(going * curved * square.Gt(enough).To(square.DType));
            var alpha = going * square / NonZero(curvature);
            (x, r) = (scope.Keep(x + (alpha * p)), scope.Keep(r - (alpha * image)));
            var next = scope.Keep(r.Dot(r));
            p = scope.Keep(r + (next / NonZero(square) * p));
            square = next;
        }

        return x;
    }

    private static Tensor NonZero(Tensor value) => Tensor.Where(value.Eq((Scalar)0), value.OnesLike(), value);

    private Func<Parameters, Tensor> Loss(IModel model, Examples support) => phi => Objective(model.Forward(phi, support.Inputs), support);

    // θ and the parameters after each inner step. Nothing is kept of a step but these and the optimiser's state.
    private IEnumerable<Parameters> Solve(IModel model, Parameters theta, Examples support, int steps)
    {
        var optimiser = Solver switch
        {
            InnerSolver.Adam => GradientTransform.Adam(InnerRate),
            InnerSolver.Momentum => GradientTransform.Chain(GradientTransform.Momentum(0.9), GradientTransform.Sgd(InnerRate)),
            _ => GradientTransform.Sgd(InnerRate),
        };
        var phi = theta.Detach();
        var state = optimiser.Init(phi);
        yield return phi;
        for (var step = 0; step < steps; step++)
        {
            var old = state;
            (phi, state) = Solver == InnerSolver.HessianFree ? (NewtonStep(model, theta, phi, support), state) : Step(optimiser, model, theta, phi, state, support);
            if (!ReferenceEquals(old, state))
            {
                Episodic.Free(old);
            }

            yield return phi;
        }
    }

    private (Parameters Phi, Parameters State) Step(
        GradientTransform optimiser, IModel model, Parameters theta, Parameters phi, Parameters state, Examples support)
    {
        using var scope = new TensorScope();
        var slope = Transforms.Grad(Loss(model, support), phi, constant: true) + (Penalty * (phi - theta));
        var (next, nextState) = optimiser.Step(phi, state, slope);
        return (scope.Keep(next), scope.Keep(nextState));
    }

    private Parameters NewtonStep(IModel model, Parameters theta, Parameters phi, Examples support)
    {
        using var scope = new TensorScope();
        var loss = Loss(model, support);
        Tensor Penalised(Parameters at) => loss(at) + (Penalty / 2 * (at - theta).Dot(at - theta));
        var (value, slope) = Transforms.ValueAndGrad(Penalised, phi, constant: true);
        var direction = ConjugateGradients(v => Transforms.Hvp(loss, phi, v) + (Penalty * v), slope, ConjugateSteps);
        var (length, descent) = (value.ZerosLike(), slope.Dot(direction));
        var rounding = (value.DType == DType.Float64 ? 1e-15 : 1e-6) * value.Abs(); // a descent that is lost in it counts, or the last digits are not found
        for (var halvings = Halvings; halvings >= 0; halvings--)
        {
            var trial = Math.Pow(0.5, halvings);
            var descends = Penalised(phi - (trial * direction)).Le(value - (1e-4 * trial * descent) + rounding);
            length = Tensor.Where(descends, length.FullLike(trial), length);
        }

        return scope.Keep(phi - (length * direction));
    }
}
