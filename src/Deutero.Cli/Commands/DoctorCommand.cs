using System.CommandLine;
using System.Text.Json.Nodes;
using Deutero.Cli.Diagnosis;
using Deutero.Cli.Terminal;

namespace Deutero.Cli.Commands;

/// <summary><c>deutero doctor</c>: is this machine ready, and if not, what to do.</summary>
internal static class DoctorCommand
{
    internal static Command Create() => new Command("doctor", "Check this machine: libraries, processor, memory, speed and data, with a remedy for what is missing.")
    {
        SharedOptions.Data, SharedOptions.Json,
    }.Explained("""
        Takes a few seconds and changes nothing. Warnings are about speed and comfort; what is missing ends with exit code 3.

        Example:
          deutero doctor
        """).Runs(Execute);

    private static int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        var findings = Doctor.Examine(arguments.GetValue(SharedOptions.Data));
        Console.Write(arguments.GetValue(SharedOptions.Json) ? Json(findings) : Text(findings));
        return findings.Any(finding => finding.State == FindingState.Missing) ? ExitCodes.CheckFailed : ExitCodes.Done;
    }

    private static string Word(Finding finding) => finding.State.ToString().ToLowerInvariant();

    private static string Json(IReadOnlyList<Finding> findings) =>
        new JsonArray([.. findings.Select(finding => (JsonNode)new JsonObject
        {
            ["check"] = finding.Name, ["state"] = Word(finding), ["found"] = finding.Found, ["remedy"] = finding.Remedy.Length > 0 ? finding.Remedy : null,
        })]).ToJsonString(JsonText.Indented) + "\n";

    private static string Text(IReadOnlyList<Finding> findings)
    {
        var table = new TextTable
        {
            Columns = ["check", "state", "found"], Rows = [.. findings.Select(finding => (string[])[finding.Name, Word(finding), finding.Found])],
        };
        var remedies = findings.Where(finding => finding.Remedy.Length > 0).Select(finding => $"  {finding.Name}: {finding.Remedy}").ToArray();
        return table.Render() + (remedies.Length > 0 ? $"\nWhat to do:\n{string.Join('\n', remedies)}\n" : "\nThis machine is ready.\n");
    }
}
