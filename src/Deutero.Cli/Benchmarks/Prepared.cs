using Deutero.Models;
using Deutero.Training;

namespace Deutero.Cli.Benchmarks;

/// <summary>A workload whose data are made.</summary>
/// <param name="Execution">The mode that it runs in.</param>
/// <param name="Precision">The precision that it runs in.</param>
/// <param name="Once">What is timed.</param>
internal sealed record Prepared(Execution Execution, Precision Precision, Action Once)
{
    /// <summary>A model in the precision that is asked for, where it has a choice.</summary>
    /// <param name="model">The model.</param>
    /// <param name="precision">The precision.</param>
    internal static (IModel Model, Precision Precision) In(IModel model, Precision precision) =>
        model is Conv4 network ? (network with { Precision = precision }, precision) : (model, Precision.Float32);
}
