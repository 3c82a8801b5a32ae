using System.Diagnostics;
using System.Runtime.Versioning;

namespace Deutero.Torch.Tests;

[SupportedOSPlatform("linux")]
public sealed class NativeBuildTests
{
    [Fact]
    public void Building_without_libtorch_gives_one_sentence_with_the_way_out()
    {
        var (code, error) = Build("echo DEUTERO_NO_LIBTORCH; exit 1");

        Assert.Equal(1, code);
        Assert.Equal(
            "deutero: error : libtorch was not found: install it with 'apt-get install libtorch-dev libgloo-dev libopenblas0-openmp libstb0 cmake g++', "
            + "or set CMAKE_PREFIX_PATH to a libtorch of your own.",
            error.Trim());
    }

    [Fact]
    public void A_configuration_that_fails_for_another_reason_names_the_log()
    {
        var (code, error) = Build("echo boom; exit 1");

        Assert.Equal(1, code);
        Assert.Matches("^deutero: error : the native library could not be configured; the reason stands in .*build.log\\.$", error.Trim());
    }

    [Fact]
    public void A_compilation_that_fails_names_the_log()
    {
        var (code, error) = Build("test \"$1\" = -S");

        Assert.Equal(1, code);
        Assert.StartsWith("deutero: error : the native library did not compile", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Building_without_the_tools_names_the_first_that_is_missing()
    {
        var (code, error) = Build(cmake: null);

        Assert.Equal(1, code);
        Assert.StartsWith("deutero: error : cmake was not found", error, StringComparison.Ordinal);
    }

    // Runs native/build.sh with a cmake and a compiler that are one-line scripts, and nothing else but the basic tools on the path.
    private static (int Code, string Error) Build(string? cmake)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "build.sh runs on Linux");
        var folder = Directory.CreateTempSubdirectory("deutero-build-");
        try
        {
            foreach (var tool in new[] { "mkdir", "grep" })
            {
                File.CreateSymbolicLink(Path.Combine(folder.FullName, tool), new[] { "/bin/", "/usr/bin/" }.Select(bin => bin + tool).First(File.Exists));
            }

            Script(folder, "c++", "exit 0");
            if (cmake is not null)
            {
                Script(folder, "cmake", cmake);
            }

            var start = new ProcessStartInfo("/bin/sh", [Path.Combine(RepositoryFiles.Root, "native", "build.sh"), "source", Path.Combine(folder.FullName, "build")])
            {
                RedirectStandardError = true,
                Environment = { ["PATH"] = folder.FullName },
            };
            using var process = Process.Start(start)!;
            var error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, error);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Script(DirectoryInfo folder, string name, string body)
    {
        var path = Path.Combine(folder.FullName, name);
        File.WriteAllText(path, "#!/bin/sh\n" + body + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
