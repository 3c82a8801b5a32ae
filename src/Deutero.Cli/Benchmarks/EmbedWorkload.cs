using Deutero.Models;
using Deutero.Torch;
using Deutero.Training;

namespace Deutero.Cli.Benchmarks;

/// <summary>The features of a batch of images, without gradients.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Model">The architecture.</param>
/// <param name="ItemShape">The shape of one image.</param>
/// <param name="Images">The size of the batch.</param>
internal sealed record EmbedWorkload(string Name, IModel Model, IReadOnlyList<long> ItemShape, int Images) : Workload(Name, Images)
{
    /// <inheritdoc/>
    protected override Prepared Prepare(BenchSettings settings)
    {
        using var random = Generator.Seed(1);
        var (model, precision) = Prepared.In(Model.WithShape(ItemShape, outputs: 0), settings.Precision);
        var theta = model.Init(random).To(settings.Device);
        var images = random.Uniform([Images, .. ItemShape]).To(settings.Device);
        return new(Execution.Loop, precision, Once); // one batch, whatever the mode

        void Once()
        {
            using var scope = new TensorScope();
            using var noGrad = Autograd.NoGrad();
            model.Forward(theta, images);
        }
    }
}
