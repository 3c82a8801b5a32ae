namespace Deutero.Client;

/// <summary>What a new adaptation is made of.</summary>
/// <param name="Model">The name of the model.</param>
/// <param name="Classes">At least two classes, each with at least one example.</param>
/// <param name="Name">A name for people, at most 100 characters.</param>
/// <param name="Invert">Whether images are turned from dark ink on bright paper into bright ink on a dark ground: auto, yes or no.</param>
public sealed record NewAdaptation(string Model, IReadOnlyList<ClassExamples> Classes, string Name = "", string Invert = "auto");
