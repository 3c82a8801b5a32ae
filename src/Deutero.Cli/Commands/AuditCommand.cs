using System.CommandLine;
using Deutero.Service.Auditing;

namespace Deutero.Cli.Commands;

/// <summary><c>deutero audit</c>: verifies and exports the audit log of a service.</summary>
internal static class AuditCommand
{
    private static readonly Argument<string?> s_file = new("file")
    {
        Description = "An exported log; leave it out to verify the log in --store.", Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string> s_tenant = new("--tenant") { Description = "Whose log.", HelpName = "NAME", DefaultValueFactory = _ => "local" };

    internal static Command Create() => new Command("audit", "Verify or export the audit log of an adaptation service.")
    {
        new Command("verify", "Find changed, missing and inserted lines.") { s_file, ServeCommand.Store }.Explained("""
            Every line holds the SHA-256 of the one before it. The head that is printed, the SHA-256 of the last line, kept elsewhere, shows later that
            the log up to it is still the same.

            Examples:
              deutero audit verify --store service
              deutero audit verify exported.jsonl
            """).Runs((arguments, _) => Verify(arguments)),
        new Command("export", "Print a tenant's log as JSON lines.") { ServeCommand.Store, s_tenant }.Runs((arguments, _) => Export(arguments)),
    };

    private static int Verify(ParseResult arguments)
    {
        var findings = arguments.GetValue(s_file) is { } file
            ? [AuditVerification.OfLines(File.ReadLines(file))]
            : AuditVerification.OfStore(arguments.GetValue(ServeCommand.Store)!);
        foreach (var finding in findings)
        {
            Console.WriteLine($"{(finding.Tenant.Length > 0 ? finding.Tenant : "empty log")}: {finding.Lines} lines, head {finding.Head}");
        }

        if (findings.FirstOrDefault(finding => finding.Mistake is not null) is { } wrong)
        {
            Console.Error.WriteLine($"The log of {wrong.Tenant} is not whole: {wrong.Mistake}.");
            return ExitCodes.Refused;
        }

        return ExitCodes.Done;
    }

    private static int Export(ParseResult arguments)
    {
        foreach (var line in AuditVerification.Export(arguments.GetValue(ServeCommand.Store)!, arguments.GetValue(s_tenant)!))
        {
            Console.WriteLine(line);
        }

        return ExitCodes.Done;
    }
}
