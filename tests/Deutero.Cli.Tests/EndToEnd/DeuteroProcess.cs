using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Deutero.Cli.Tests.EndToEnd;

/// <summary>The command as a process of its own, as users run it.</summary>
internal static class DeuteroProcess
{
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(120);

    internal static Outcome Run(params string[] arguments) => Run([], arguments);

    internal static Outcome Run((string Name, string Value)[] environment, params string[] arguments)
    {
        using var process = Start(environment, arguments);
        return Finish(process);
    }

    internal static Process Start(params string[] arguments) => Start([], arguments);

    internal static Outcome Finish(Process process)
    {
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(s_longest))
        {
            process.Kill();
            throw new TimeoutException($"deutero {string.Join(' ', process.StartInfo.ArgumentList.Skip(1))} ran for more than {s_longest}.");
        }

        return new(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }

    internal static void Interrupt(Process process) => Process.Start("kill", ["-INT", $"{process.Id}"]).WaitForExit();

    /// <summary>Starts the command, by another program if one is named.</summary>
    internal static Process Start((string Name, string Value)[] environment, string[] arguments, params string[] by)
    {
        string[] line = [.. by, "dotnet", Path.Combine(AppContext.BaseDirectory, "Deutero.Cli.dll"), .. arguments];
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    internal sealed record Outcome(int Code, string Output, string Error)
    {
        internal JsonNode Json => JsonNode.Parse(Output)!;

        /// <summary>The only line of standard error.</summary>
        internal string Sentence => Assert.Single(Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
