using Deutero.Data;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Cli.Runs;

/// <summary>What a run has learned, up to its last linear layer, as a function of items.</summary>
/// <param name="Model">The architecture, without a last layer.</param>
/// <param name="Theta">The run's parameters, perhaps with those of a last layer.</param>
/// <param name="HasStatistics">Whether the model normalises by statistics that the run collected, rather than by those of a batch.</param>
internal sealed record PretrainedBody(IModel Model, Parameters Theta, bool HasStatistics)
{
    // As many as a few episodes have; more change the statistics by less than episodes do.
    private const int StatisticsItems = 1024;

    /// <summary>Opens the body of a run folder.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="itemShape">The shape of the items that it shall read.</param>
    /// <exception cref="FileNotFoundException">It is no run folder, or has no model.</exception>
    /// <exception cref="ArgumentException">The body reads items of another shape.</exception>
    public static PretrainedBody Open(string path, IReadOnlyList<long> itemShape)
    {
        var folder = new RunFolder(path);
        var (theta, statistics) = folder.LoadModel();
        var shaped = Run.Schema.Load<RunConfiguration>(folder.ConfigurationFile).Model.WithShape(itemShape, outputs: 0);
        using var scope = new TensorScope();
        using var random = Generator.Seed(0);
        foreach (var (name, leaf) in shaped.Init(random))
        {
            if (!theta.Contains(name) || !theta[name].Shape.SequenceEqual(leaf.Shape))
            {
                throw new ArgumentException(
                    $"The body of {path} does not read items of shape [{string.Join(", ", itemShape)}]: it {(theta.Contains(name) ? $"has '{name}' of shape [{string.Join(", ", theta[name].Shape)}]" : $"lacks '{name}'")}, " +
                    $"expected [{string.Join(", ", leaf.Shape)}].");
            }
        }

        var collected = shaped.BatchNorm == BatchNormPolicy.Running && statistics.Count > 0;
        return new(collected ? shaped.WithStatistics(statistics) : shaped, theta, collected);
    }

    /// <summary>Pools of features in place of items. Without statistics from its training the body takes those of meta-training items, so that an item's features are its own.</summary>
    /// <param name="classes">The items.</param>
    public ClassData Embedded(ClassData classes)
    {
        var model = new Lazy<IModel>(() => HasStatistics ? Model : Model.WithStatistics(StatisticsOf(new(classes.Train))));
        EmbeddedClasses Of(IClassPool pool) => new(pool, Model.OutputWidth, items =>
        {
            using var noGrad = Autograd.NoGrad();
            return model.Value.Forward(Theta, items);
        });
        return new(classes.Name, Of(classes.Train), Of(classes.Validation), Of(classes.Test)) { BroaderNames = classes.BroaderNames };
    }

    // Of items spread evenly over all classes.
    private Parameters StatisticsOf(UnlabelledItems items)
    {
        using var scope = new TensorScope();
        var count = Math.Min(items.Count, StatisticsItems);
        return scope.Release(Model.BatchStatistics(Theta, items.Read([.. Enumerable.Range(0, count).Select(row => (int)((long)row * items.Count / count))])));
    }
}
