namespace Deutero.Client;

/// <summary>A model that is loaded.</summary>
/// <param name="Name">What it is called in requests.</param>
/// <param name="Version">The SHA-256 of its file.</param>
/// <param name="Learner">The meta-learning algorithm.</param>
/// <param name="Ways">The number of classes that it tells apart; 0 where it takes any number.</param>
/// <param name="BatchNorm">Where batch normalisation takes its statistics from.</param>
/// <param name="Input">What it takes.</param>
/// <param name="Card">What is known about it.</param>
public sealed record ModelState(string Name, string Version, string Learner, int Ways, string BatchNorm, InputState Input, ModelCard Card);
