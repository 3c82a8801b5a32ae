using System.Diagnostics;

namespace Deutero.Service.Tests;

/// <summary>The <c>deutero</c> command, and other programs of the build, as processes of their own.</summary>
internal static class Command
{
    internal static string Of(string program) => Path.Combine(AppContext.BaseDirectory, $"{program}.dll");

    /// <summary>Trains a model of glyphs as briefly as can be.</summary>
    internal static void Train(string folder, params string[] more)
    {
        var (exit, output) = Run(
            Of("Deutero.Cli"), ["train", "-o", folder, "--set", "model.filters=8", "--set", "training.iterations=2", "--set", "training.metaBatch=1",
            "--set", "training.validateEvery=0", "--set", "evaluation.episodes=2", "--set", "training.threads=1", .. more]);
        Assert.True(exit == 0, output);
    }

    /// <summary>Starts <c>deutero serve</c> on a port of its own.</summary>
    internal static Process Serve(string store, out Uri url, params string[] more) => Serve(store, "http://127.0.0.1:0", out url, more);

    internal static Process Serve(string store, string at, out Uri url, params string[] more)
    {
        var process = Start(Of("Deutero.Cli"), ["serve", "--store", store, "--urls", at, .. more]);
        var errors = new System.Text.StringBuilder();
        process.ErrorDataReceived += (_, line) => errors.AppendLine(line.Data);
        process.BeginErrorReadLine();
        var listening = process.StandardOutput.ReadLine();
        Assert.True(listening?.StartsWith("listening at ", StringComparison.Ordinal), $"{listening}\n{errors}");
        url = new(listening!["listening at ".Length..]);
        return process;
    }

    /// <summary>Asks a process to end, and waits until it has.</summary>
    internal static async Task End(Process process)
    {
        using var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
    }

    /// <summary>Runs a program of the build to its end.</summary>
    /// <returns>Its exit status, and what it wrote to both outputs.</returns>
    internal static (int Exit, string Output) Run(string program, params string[] arguments)
    {
        using var process = Start(program, arguments);
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.GetAwaiter().GetResult());
    }

    private static Process Start(string program, IReadOnlyList<string> arguments) => Process.Start(new ProcessStartInfo("dotnet", [program, .. arguments])
    {
        RedirectStandardOutput = true, RedirectStandardError = true,
    })!;
}
