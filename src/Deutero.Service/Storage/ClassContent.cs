namespace Deutero.Service.Storage;

/// <summary>A class of a version that is being made: examples that are stored already, then new ones.</summary>
internal sealed record ClassContent(string Name, IReadOnlyList<long> Kept, IReadOnlyList<NewExample> Added);
