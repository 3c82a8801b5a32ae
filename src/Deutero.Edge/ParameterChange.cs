namespace Deutero.Edge;

/// <summary>How much the inner loop changed a parameter.</summary>
/// <param name="Name">The parameter.</param>
/// <param name="Norm">The Euclidean norm of the change.</param>
/// <param name="Relative">The same as a share of the norm of the parameter before; null where that was 0.</param>
public sealed record ParameterChange(string Name, double Norm, double? Relative);
