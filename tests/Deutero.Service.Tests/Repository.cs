namespace Deutero.Service.Tests;

/// <summary>Where the repository is.</summary>
internal static class Repository
{
    internal static string Root
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "Deutero.slnx")))
            {
                folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("The tests do not run inside the repository.");
            }

            return folder;
        }
    }
}
