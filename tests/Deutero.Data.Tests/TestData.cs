namespace Deutero.Data.Tests;

/// <summary>Where tests find real data; a test whose data is absent is reported as skipped.</summary>
internal static class TestData
{
    private static readonly Lazy<Omniglot> LoadedOmniglot = new(() => Omniglot.Open(Folder(DataSets.Omniglot)));

    internal static Omniglot Omniglot => LoadedOmniglot.Value;

    internal static string Folder(DataSet set)
    {
        // Test programs run in the repository, in their own folder, or wherever the caller is.
        var location = DataLocation.Resolve();
        var found = location.TryFind(set, [.. set.Files.Select(file => file.Name)])
            ?? DataLocation.Resolve(null, _ => null, AppContext.BaseDirectory).TryFind(set, [.. set.Files.Select(file => file.Name)]);
        if (found is null)
        {
            Assert.Skip($"{set.Title} is not on this machine (set {DataLocation.Variable}).");
        }

        return Path.GetDirectoryName(found)!;
    }
}
