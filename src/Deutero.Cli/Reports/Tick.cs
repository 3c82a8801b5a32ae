namespace Deutero.Cli.Reports;

/// <summary>A mark on an axis.</summary>
/// <param name="Position">From 0 at the axis's lower end to 1 at its upper end.</param>
/// <param name="Label">The value, in as few characters as tell it from its neighbours.</param>
internal readonly record struct Tick(double Position, string Label);
