namespace Deutero.Service.Storage;

/// <summary>An adaptation in one of its versions. The revision changes whenever an example is deleted for good, from every version that held it.</summary>
internal sealed record StoredVersion(
    string Id, string Name, string Model, int Current, long Revision, int Version, int Parent, DateTimeOffset Created, string ModelVersion,
    IReadOnlyList<StoredClass> Classes);
