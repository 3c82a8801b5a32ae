namespace Deutero.Torch.Serialization;

/// <summary>The content of a safetensors file.</summary>
/// <param name="Metadata">Free text by key; empty if the file has none.</param>
/// <param name="Items">The tensors, in the order of their bytes.</param>
public sealed record SafetensorsFile(IReadOnlyDictionary<string, string> Metadata, IReadOnlyList<SafetensorsItem> Items);
