namespace Deutero.Cli.Tests.EndToEnd;

internal sealed class TemporaryFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("deutero-cli-").FullName;

    internal string this[params string[] parts] => Path.Combine([_path, .. parts]);

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
