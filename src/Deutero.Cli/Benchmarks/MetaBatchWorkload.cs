using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;
using Deutero.Training;

namespace Deutero.Cli.Benchmarks;

/// <summary>The meta-gradient of one meta-batch of random tasks.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Learner">The algorithm.</param>
/// <param name="Model">The architecture.</param>
/// <param name="ItemShape">The shape of one input.</param>
/// <param name="Ways">Classes of an episode; 0 for regression.</param>
/// <param name="Shots">Support examples per class.</param>
/// <param name="Queries">Query examples per class.</param>
/// <param name="Tasks">Episodes in the meta-batch.</param>
internal sealed record MetaBatchWorkload(
    string Name, IMetaLearner Learner, IModel Model, IReadOnlyList<long> ItemShape, int Ways, int Shots, int Queries, int Tasks) : Workload(Name, Tasks)
{
    // The length of a training, by which Auto measures as long as it would there.
    private const int MetaBatches = 1000;

    /// <inheritdoc/>
    protected override Prepared Prepare(BenchSettings settings)
    {
        var random = Generator.Seed(1);
        var (model, precision) = Prepared.In(Model.WithShape(ItemShape, Learner.HeadWidth(Math.Max(1, Ways))), settings.Precision);
        var theta = Learner.Init(model, random).To(settings.Device);
        var episodes = Enumerable.Range(0, Tasks).Select(_ => Draw(random).To(settings.Device)).ToArray();
        var execution = settings.Execution == Execution.Auto
            ? ExecutionChoice.Measure(MetaBatch.Candidates(episodes[0], settings.Threads), Once, MetaBatches).Execution
            : settings.Execution;
        return new(execution, precision, () => Once(execution));

        void Once(Execution mode)
        {
            using var scope = new TensorScope();
            MetaBatch.Mean(Learner, model, theta, episodes, random, mode, settings.Threads);
        }
    }

    private Episode Draw(Generator random)
    {
        if (Ways == 0)
        {
            return new Sinusoid { Shots = Shots, Queries = Queries }.Sample(random);
        }

        Examples Some(int perClass) => new(
            random.Uniform([Ways * perClass, .. ItemShape]), Tensor.From([.. Enumerable.Range(0, Ways * perClass).Select(i => (long)(i / perClass))]), Ways);
        return new(Some(Shots), Some(Queries), "random");
    }
}
