namespace Deutero.Client;

/// <summary>An adaptation in one of its versions.</summary>
/// <param name="Id">What it is called in requests.</param>
/// <param name="Name">Its name for people.</param>
/// <param name="Model">The name of its model.</param>
/// <param name="ModelVersion">The SHA-256 of the model that is loaded under that name.</param>
/// <param name="Version">The version that is shown.</param>
/// <param name="Current">The version that predicts unless another is asked for.</param>
/// <param name="Created">When the version was made.</param>
/// <param name="Classes">The classes of the version.</param>
/// <param name="Warnings">What is doubtful about the support set, one sentence each; given where a version is made.</param>
public sealed record AdaptationState(
    string Id, string Name, string Model, string ModelVersion, int Version, int Current, DateTimeOffset Created,
    IReadOnlyList<ClassState> Classes, IReadOnlyList<string> Warnings);
