namespace Deutero.Testing;

/// <summary>How a derivative compares with finite differences.</summary>
/// <param name="RelativeError">||analytic − numeric|| over the larger of the two norms, or over 1e-12 where both vanish.</param>
/// <param name="AbsoluteError">The largest absolute difference of an element.</param>
/// <param name="Analytic">The derivative by automatic differentiation, all leaves in one row.</param>
/// <param name="Numeric">The derivative by central differences, in the same order.</param>
public sealed record GradientComparison(double RelativeError, double AbsoluteError, IReadOnlyList<double> Analytic, IReadOnlyList<double> Numeric);
