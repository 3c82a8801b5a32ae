namespace Deutero.Service.Storage;

/// <summary>A version that a change made or made current, with the SHA-256 of the adaptation's examples as they were in that transaction, by number.</summary>
internal sealed record WrittenVersion(StoredVersion Version, IReadOnlyDictionary<long, string> Hashes);
