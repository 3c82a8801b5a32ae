namespace Deutero.Service.Storage;

/// <summary>A class of a stored version, with the numbers of its examples.</summary>
internal sealed record StoredClass(string Name, IReadOnlyList<long> Examples);
