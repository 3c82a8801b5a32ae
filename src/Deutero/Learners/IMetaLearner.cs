using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>One meta-learning algorithm, written for one task: the inner loop, and what the outer loop descends along.</summary>
/// <remarks>
/// A learner holds settings only. How a meta-batch of tasks is executed is the trainer's choice; tensors made in these methods are freed by the
/// caller's <see cref="TensorScope"/>.
/// </remarks>
public interface IMetaLearner
{
    /// <summary>The width of the model's last linear layer that the learner wants; 0 for a model that returns features.</summary>
    /// <param name="outputs">The ways of an episode, or the outputs of a regression.</param>
    int HeadWidth(int outputs);

    /// <summary>Draws the meta-parameters θ: the model's parameters, and whatever the learner adds; empty where nothing is meta-learned.</summary>
    /// <param name="model">The architecture.</param>
    /// <param name="random">The only source of randomness.</param>
    Parameters Init(IModel model, Generator random);

    /// <summary>The inner loop, θ' = A(θ, S): adapts to a support set, as at deployment.</summary>
    /// <param name="model">The architecture.</param>
    /// <param name="theta">The meta-parameters; they are not changed.</param>
    /// <param name="support">The support set.</param>
    /// <param name="random">The only source of randomness.</param>
    Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random);

    /// <summary>What one episode says to the outer loop.</summary>
    /// <param name="model">The architecture.</param>
    /// <param name="theta">The meta-parameters; they are not changed.</param>
    /// <param name="episode">The episode.</param>
    /// <param name="random">The only source of randomness; the same for every episode of a meta-batch.</param>
    MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random);
}
