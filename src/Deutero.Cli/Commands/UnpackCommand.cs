using System.CommandLine;
using Deutero.Cli.Packages;
using Deutero.Cli.Runs;

namespace Deutero.Cli.Commands;

/// <summary><c>deutero unpack</c>: verifies a package, and makes a run folder of it.</summary>
internal static class UnpackCommand
{
    private static readonly Argument<string> s_file = new("file") { Description = "A package made by 'deutero pack'." };

    private static readonly Option<string?> s_output = new("--output", "-o") { Description = "A folder that does not exist yet.", HelpName = "FOLDER" };

    private static readonly Option<bool> s_verify = new("--verify") { Description = "Verify; without --output, do nothing else." };

    private static readonly Option<string?> s_trust = new("--trust") { Description = "Refuse packages that were not signed by this key.", HelpName = "PUBLICKEY.pem" };

    internal static Command Create() => new Command("unpack", "Verify a packaged model, and unpack it into a folder.")
    {
        s_file, s_output, s_verify, s_trust,
    }.Explained("""
        A package whose entries differ from its manifest, or whose manifest differs from what was signed, is refused before anything is written. Without
        --trust, a signature says that nobody without the signer's key has changed the package, but not who the signer is: compare the fingerprint.

        Examples:
          deutero unpack letters.deutero --verify --trust our.public.pem
          deutero unpack letters.deutero -o runs/letters
        """).Runs((arguments, _) => Execute(arguments));

    private static int Execute(ParseResult arguments)
    {
        var (file, output) = (arguments.GetValue(s_file)!, arguments.GetValue(s_output));
        if (output is null && !arguments.GetValue(s_verify))
        {
            throw new ArgumentException("Give a folder to unpack into with --output FOLDER, or --verify to verify alone.");
        }

        if (!File.Exists(file))
        {
            throw new FileNotFoundException($"There is no file {file}: a package made by 'deutero pack' was expected.");
        }

        using var trusted = arguments.GetValue(s_trust) is { } path ? PackageKey.Public(path) : null;
        var package = ModelFiles.Open(file, trusted);
        using var model = ServedRun.Of("model", package); // what cannot be loaded is not called whole
        if (output is not null)
        {
            package.WriteTo(output);
        }

        Console.WriteLine($"{file}: whole, {package.Contents.Count} entries, model {model.Version[..12]}");
        Console.WriteLine(package.Signer is not { } signer ? "unsigned: its entries fit its manifest, but anybody may have written both"
            : $"signed by {PackageKey.FingerprintOf(signer)}{(trusted is null ? ", a key that was not compared with one that you trust (--trust)" : ", which is trusted")}");
        if (output is not null)
        {
            Console.WriteLine($"unpacked into {output}");
        }

        return ExitCodes.Done;
    }
}
