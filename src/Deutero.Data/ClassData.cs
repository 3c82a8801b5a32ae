using Deutero.Tasks;

namespace Deutero.Data;

/// <summary>A data set for few-shot classification: three pools that share no class.</summary>
/// <param name="Name">What it is called in reports, for example <c>omniglot</c>.</param>
/// <param name="Train">Meta-training classes.</param>
/// <param name="Validation">Meta-validation classes.</param>
/// <param name="Test">Meta-test classes.</param>
public sealed record ClassData(string Name, IClassPool Train, IClassPool Validation, IClassPool Test)
{
    /// <summary>The pool of a split.</summary>
    /// <param name="split">Which of the three.</param>
    public IClassPool this[Split split] => split switch
    {
        Split.Train => Train,
        Split.Validation => Validation,
        _ => Test,
    };
}
