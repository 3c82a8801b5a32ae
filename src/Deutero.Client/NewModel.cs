namespace Deutero.Client;

/// <summary>A model to be served under the name in the address, in place of the one that has it.</summary>
/// <param name="Path">Where it is in the folder that the operator allowed, relative to that.</param>
public sealed record NewModel(string Path);
