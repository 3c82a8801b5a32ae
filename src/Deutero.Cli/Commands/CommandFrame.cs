using System.CommandLine;
using System.Runtime.InteropServices;
using Deutero.Cli.Configuration;
using Deutero.Data;
using Deutero.Torch.Imaging;
using Deutero.Torch.Serialization;

namespace Deutero.Cli.Commands;

/// <summary>What every command does the same way: cancellation by Ctrl-C, and one sentence for a user's mistake.</summary>
internal static class CommandFrame
{
    /// <summary>Gives a command its body.</summary>
    internal static Command Runs(this Command command, Func<ParseResult, CancellationToken, int> body)
    {
        command.SetAction(result => Execute(token => body(result, token)));
        return command;
    }

    internal static int Execute(Func<CancellationToken, int> body)
    {
        using var cancellation = new CancellationTokenSource();
        void Cancel(PosixSignalContext context)
        {
            // The first signal asks for an orderly end, which saves; a second one ends the process at once.
            if (!cancellation.IsCancellationRequested)
            {
                context.Cancel = true;
                cancellation.Cancel();
            }
        }

        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
        try
        {
            return body(cancellation.Token);
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("Cancelled.");
            return ExitCodes.Cancelled;
        }
        catch (Exception mistake) when (IsUsersMistake(mistake))
        {
            Console.Error.WriteLine(mistake.Message);
            return ExitCodes.Refused;
        }
    }

    // An ArgumentException here comes from a value that the user gave: a setting, a name, the size of a data set. Everything else is a defect
    // and crashes with its stack.
    private static bool IsUsersMistake(Exception exception) => exception is ConfigurationException or DataNotFoundException or DataFormatException
        or ImageFormatException or SafetensorsException or ArgumentException or InvalidDataException or IOException or UnauthorizedAccessException
        or DllNotFoundException or InvalidOperationException { Source: "Deutero" };
}
