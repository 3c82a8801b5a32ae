using System.CommandLine;
using Deutero.Cli.Packages;
using Deutero.Cli.Runs;

namespace Deutero.Cli.Commands;

/// <summary><c>deutero pack</c>: one signed file of a model.</summary>
internal static class PackCommand
{
    private static readonly Argument<string> s_run = new("run") { Description = "A run folder written by 'deutero train'." };

    private static readonly Option<string> s_output = new("--output", "-o") { Description = "The package.", HelpName = "FILE.deutero", Required = true };

    private static readonly Option<string?> s_key = new("--key") { Description = "Sign with this private key.", HelpName = "KEY.pem" };

    private static readonly Option<string?> s_newKey = new("--new-key") { Description = "Make a key pair (ECDSA, P-256), and sign with it.", HelpName = "KEY.pem" };

    private static readonly Option<bool> s_unsigned = new("--unsigned") { Description = "Do not sign." };

    private static readonly Option<bool> s_uncalibrated = new("--uncalibrated") { Description = "Do not calibrate a run that is not calibrated." };

    internal static Command Create() => new Command("pack", "Make one signed file of a trained model, to hand on and to serve.")
    {
        s_run, s_output, s_key, s_newKey, s_unsigned, s_uncalibrated, SharedOptions.Data,
    }.Explained("""
        The package holds the weights (safetensors), the configuration, the card, the input contract, the calibration and a manifest of their SHA-256, which is
        signed. A run that has no calibration.json is calibrated first, which needs its data. --new-key writes KEY.pem, to be kept secret, and
        KEY.public.pem, to be given to those who shall trust it.

        Examples:
          deutero pack runs/first -o letters.deutero --new-key our.pem
          deutero pack runs/second -o digits.deutero --key our.pem
        """).Runs(Execute);

    private static int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        var (run, output) = (arguments.GetValue(s_run)!, arguments.GetValue(s_output)!);
        var (given, made, unsigned) = (arguments.GetValue(s_key), arguments.GetValue(s_newKey), arguments.GetValue(s_unsigned));
        if ((given is null ? 0 : 1) + (made is null ? 0 : 1) + (unsigned ? 1 : 0) != 1)
        {
            throw new ArgumentException("A package is signed: give one of --key KEY.pem and --new-key KEY.pem, or say --unsigned.");
        }

        var files = ModelFiles.Open(run);
        if (files.IsPackage)
        {
            throw new ArgumentException($"{run} is a package already: a run folder was expected.");
        }

        // The key first: a mistake in it is known before the time that calibration takes.
        using var key = given is not null ? PackageKey.Private(given) : made is not null ? PackageKey.Create(made) : null;
        if (!files.Contents.ContainsKey(ModelFiles.Calibration) && !arguments.GetValue(s_uncalibrated))
        {
            CalibrateCommand.Print(RunCalibration.Learn(run, arguments.GetValue(SharedOptions.Data), tasks => tasks, cancellation));
        }

        var package = Packing.Pack(run, output, key);
        Console.WriteLine($"{output}: {new FileInfo(output).Length} bytes, {string.Join(", ", package.Contents.Keys)}");
        Console.WriteLine(key is null ? "unsigned: whoever gets it cannot know whether it was changed" : $"signed by {key.Fingerprint}");
        if (made is not null)
        {
            Console.WriteLine($"private key, to be kept secret: {made}; public key: {PackageKey.PublicFileOf(made)}");
        }

        return ExitCodes.Done;
    }
}
