using System.Diagnostics;

[assembly: AssemblyFixture(typeof(Deutero.Service.Tests.PostgresServer))]

namespace Deutero.Service.Tests;

/// <summary>A PostgreSQL server on a data folder and a socket of its own, as a user without privileges: started by the first test that asks for it.</summary>
public sealed class PostgresServer : IDisposable
{
    private readonly Lazy<string> _folder = new(Start);
    private int _databases;

    /// <summary>The connection string of an empty database; the test is skipped where there is no server.</summary>
    internal string Database()
    {
        Assert.SkipWhen(Programs is null, "PostgreSQL was not found: '.ci/setup tests' installs it.");
        var name = $"service{Interlocked.Increment(ref _databases)}";
        Run(Path.Combine(Programs!, "createdb"), "-h", _folder.Value, "-U", "deutero", name);
        return $"Host={_folder.Value};Username=deutero;Database={name};Maximum Pool Size=20";
    }

    /// <summary>Stops the server at once, and starts it again.</summary>
    internal void Restart(Action whileStopped)
    {
        Control(_folder.Value, "stop", "-m", "immediate");
        whileStopped();
        Control(_folder.Value, "start", "-w");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_folder.IsValueCreated)
        {
            Control(_folder.Value, "stop", "-m", "immediate");
            Directory.Delete(_folder.Value, recursive: true);
        }
    }

    private static string? Programs => Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")).Where(bin => File.Exists(Path.Combine(bin, "initdb"))).Order(StringComparer.Ordinal).LastOrDefault()
        : null;

    private static string Start()
    {
        var folder = Directory.CreateTempSubdirectory("deutero-pg-").FullName;
        if (Environment.IsPrivilegedProcess)
        {
            using var given = Process.Start("chown", ["postgres", folder]);
            given.WaitForExit();
        }

        Run(Path.Combine(Programs!, "initdb"), "-D", Path.Combine(folder, "data"), "-U", "deutero", "--auth=trust", "--encoding=UTF8", "--no-sync");
        Control(folder, "start", "-w");
        return folder;
    }

    // No network: a socket in the folder. Without it on the disk at each commit, which these tests do not need and this machine's disk makes slow.
    private static void Control(string folder, params string[] command) => Run(
        Path.Combine(Programs!, "pg_ctl"), ["-D", Path.Combine(folder, "data"), "-l", Path.Combine(folder, "data", "log"), "-o", $"-k {folder} -c listen_addresses='' -c fsync=off", .. command]);

    // The server refuses to run as root.
    private static void Run(string program, params string[] arguments)
    {
        string[] command = Environment.IsPrivilegedProcess ? ["runuser", "-u", "postgres", "--", program, .. arguments] : [program, .. arguments];
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, WorkingDirectory = "/" })!;

        // The server that pg_ctl leaves behind keeps the output open, so that its end is not waited for.
        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(2)) && process.ExitCode == 0, $"{Path.GetFileName(program)} failed");
    }
}
