using System.CommandLine;
using System.Runtime.InteropServices;
using Deutero.Cli.Configuration;
using Deutero.Data;
using Deutero.Torch.Distributed;
using Deutero.Torch.Imaging;
using Deutero.Torch.Serialization;
using Deutero.Training;

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

    // Of several processes, those that are not the first say who they are.
    private static string Rank => Environment.GetEnvironmentVariable("RANK") is { Length: > 0 } rank and not "0" ? $"rank {rank}: " : "";

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
            Console.Error.WriteLine($"{Rank}Cancelled.");
            return ExitCodes.Cancelled;
        }
        catch (DistributedException lost) when (lost.PeerLost)
        {
            Console.Error.WriteLine($"{Rank}{lost.Message} The same command goes on from the last checkpoint.");
            return ExitCodes.PeerLost;
        }
        catch (Exception mistake) when (IsUsersMistake(mistake))
        {
            Console.Error.WriteLine($"{Rank}{Sentence(mistake)}");
            return ExitCodes.Refused;
        }
    }

    // .NET appends " (Parameter 'x')" to an argument's message and, on a line of its own, the value, which the sentence already names.
    private static string Sentence(Exception mistake)
    {
        var end = mistake is ArgumentException ? mistake.Message.IndexOf(" (Parameter '", StringComparison.Ordinal) : -1;
        return end > 0 ? mistake.Message[..end] : mistake.Message;
    }

    // An ArgumentException here comes from a value that the user gave: a setting, a name, the size of a data set. Everything else is a defect
    // and ends with its stack and exit code 1.
    private static bool IsUsersMistake(Exception exception) => exception is ConfigurationException or DataNotFoundException or DataFormatException
        or ImageFormatException or SafetensorsException or ArgumentException or InvalidDataException or IOException or UnauthorizedAccessException
        or DllNotFoundException or DivergenceException or DistributedException;
}
