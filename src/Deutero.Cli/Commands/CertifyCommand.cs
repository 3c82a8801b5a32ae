using System.CommandLine;
using System.Text.Json.Nodes;
using Deutero.Cli.Configuration;
using Deutero.Cli.Runs;
using Deutero.Cli.Terminal;
using Deutero.Learners;
using Deutero.Testing;

namespace Deutero.Cli.Commands;

/// <summary><c>deutero certify</c>: every learner's meta-gradient against an independent computation.</summary>
internal static class CertifyCommand
{
    private static readonly Argument<string?> s_learner = new("learner")
    {
        Description = "The learner, by the name that 'deutero list learners' shows; all where left out.", Arity = ArgumentArity.ZeroOrOne,
    };

    internal static Command Create() => new Command("certify", "Check every learner's meta-gradient against finite differences, its definition or a closed form.")
    {
        s_learner, SharedOptions.Json,
    }.Explained("""
        Each learner's meta-gradient is computed in float64 on a small smooth model and compared with central finite differences, with the
        learner's own definition where it is not a gradient, or with a closed form; on classes, and on values where the learner takes them.
        Exit code 3 when one does not hold.

        Examples:
          deutero certify maml
          deutero certify --json
        """).Runs(Execute);

    private static int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        var certificates = Certificates.All(arguments.GetValue(s_learner) is { } name ? TypeOf(name) : null);
        Console.WriteLine(arguments.GetValue(SharedOptions.Json) ? Json(certificates) : Table(certificates));
        return certificates.All(certificate => certificate.Holds) ? ExitCodes.Done : ExitCodes.CheckFailed;
    }

    private static string TypeOf(string name)
    {
        var learners = Run.Schema.Choices(typeof(IMetaLearner));
        return learners.FirstOrDefault(learner => Spelling.Folded(learner.Name) == Spelling.Folded(name))?.Type.Name
            ?? throw new ArgumentException($"There is no learner '{Spelling.Shortened(name)}': {Spelling.Suggestion(name, [.. learners.Select(learner => learner.Name)])}.");
    }

    private static string Table(IEnumerable<Certificate> certificates) => new TextTable
    {
        Columns = ["learner", "relative error", "tolerance", "holds", "method"],
        Rows = [.. certificates.Select(certificate => (IReadOnlyList<string>)
        [
            certificate.Learner, $"{certificate.RelativeError:E1}", $"{certificate.Tolerance:E0}", certificate.Holds ? "yes" : "NO", certificate.Method,
        ])],
    }.Render();

    private static string Json(IEnumerable<Certificate> certificates) => new JsonArray([.. certificates.Select(certificate => (JsonNode)new JsonObject
    {
        ["learner"] = certificate.Learner, ["relativeError"] = certificate.RelativeError, ["method"] = certificate.Method,
        ["tolerance"] = certificate.Tolerance, ["holds"] = certificate.Holds,
    })]).ToJsonString();
}
