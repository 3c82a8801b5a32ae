namespace Deutero.Torch.Tests;

/// <summary>Files of the repository that the tests read.</summary>
internal static class RepositoryFiles
{
    internal static string Root { get; } = FindRoot();

    /// <summary>The lines of <c>native/ops.txt</c> without comments.</summary>
    internal static string[] OperatorSchemas() =>
        [.. File.ReadLines(Path.Combine(Root, "native", "ops.txt")).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#')];

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Deutero.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException("Deutero.slnx was not found above the test program.");
    }
}
