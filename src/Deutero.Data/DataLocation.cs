namespace Deutero.Data;

/// <summary>The folders in which data sets are looked for, in order.</summary>
/// <param name="Folders">Absolute paths; each may hold data sets in folders of their own.</param>
public sealed record DataLocation(IReadOnlyList<string> Folders)
{
    /// <summary>The environment variable that names a data folder.</summary>
    public const string Variable = "DEUTERO_DATA";

    // Where Debian's packages of data sets put them.
    private const string DebianFolder = "/usr/share/datasets";

    /// <summary>Where downloads go: <c>$XDG_CACHE_HOME/deutero</c>, or <c>~/.cache/deutero</c>.</summary>
    public static string CacheFolder => Cache(Environment.GetEnvironmentVariable);

    /// <summary>Lists the folders to look in.</summary>
    /// <param name="explicitPath">
    /// The user's choice, which is then the only place: a run that was told where its data is must not quietly take other data.
    /// Without it: <c>DEUTERO_DATA</c>, <c>../shared/data</c> beside the current folder and beside the repository, the cache, and where
    /// Debian's packages of data sets are, <c>/usr/share/datasets</c>.
    /// </param>
    public static DataLocation Resolve(string? explicitPath = null) =>
        Resolve(explicitPath, Environment.GetEnvironmentVariable, Environment.CurrentDirectory);

    internal static DataLocation Resolve(string? explicitPath, Func<string, string?> environment, string currentFolder)
    {
        if (!string.IsNullOrEmpty(explicitPath))
        {
            return new DataLocation([Path.GetFullPath(explicitPath, currentFolder)]);
        }

        var folders = new List<string>();
        if (environment(Variable) is { Length: > 0 } chosen)
        {
            folders.Add(Path.GetFullPath(chosen, currentFolder));
        }

        folders.Add(Path.GetFullPath("../shared/data", currentFolder));
        if (RepositoryRoot(currentFolder) is { } root)
        {
            folders.Add(Path.GetFullPath("../shared/data", root));
        }

        folders.Add(Cache(environment));
        folders.Add(DebianFolder);
        return new DataLocation([.. folders.Distinct()]);
    }

    /// <summary>The folder of a data set, or <see langword="null"/> if no place has all the files.</summary>
    /// <param name="set">The data set.</param>
    /// <param name="files">The names of the files that are needed, without folder.</param>
    public string? TryFind(DataSet set, IReadOnlyList<string> files) =>
        Folders.Select(folder => Path.Combine(folder, set.Name))
            .FirstOrDefault(folder => files.All(file => File.Exists(Path.Combine(folder, file))));

    /// <summary>The folder of a data set.</summary>
    /// <param name="set">The data set.</param>
    /// <param name="files">The names of the files that are needed, without folder.</param>
    /// <exception cref="DataNotFoundException">No place has all of the files.</exception>
    public string Find(DataSet set, IReadOnlyList<string> files) =>
        TryFind(set, files) ?? throw new DataNotFoundException(
            $"{set.Title} was not found: looked for {set.Name}/{string.Join(", ", files)} in {string.Join(", ", Folders)}; "
            + (set.CanBeFetched
                ? $"run `deutero data fetch {set.Name}` or set {Variable}."
                : $"copy it there or set {Variable} (source: {set.Source})."));

    private static string Cache(Func<string, string?> environment) =>
        environment("XDG_CACHE_HOME") is { Length: > 0 } cache
            ? Path.GetFullPath(Path.Combine(cache, "deutero"))
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "deutero");

    private static string? RepositoryRoot(string folder)
    {
        for (var current = new DirectoryInfo(folder); current is not null; current = current.Parent)
        {
            if (File.Exists(Path.Combine(current.FullName, "Deutero.slnx")))
            {
                return current.FullName;
            }
        }

        return null;
    }
}
