namespace Deutero.Data;

/// <summary>A measured function of one variable: a regression task whose examples are its points.</summary>
/// <param name="Name">Identifies it across splits and runs, for example the name of a weather station.</param>
/// <param name="Inputs">Where it was measured, in [-5, 5].</param>
/// <param name="Targets">What was measured there, as many values as there are inputs.</param>
public sealed record Curve(string Name, IReadOnlyList<float> Inputs, IReadOnlyList<float> Targets);
