namespace Deutero.Optimisers;

/// <summary>A learning rate over time.</summary>
/// <param name="step">The number of updates done so far, from 0.</param>
/// <returns>The rate of the next update.</returns>
public delegate double Schedule(long step);
