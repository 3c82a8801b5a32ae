using System.CommandLine;
using System.CommandLine.Help;
using Deutero.Cli.Configuration;

namespace Deutero.Cli.Commands;

/// <summary>Parses and runs a command line: help worth reading, and one sentence for a misspelt command or option.</summary>
internal static class CommandLine
{
    /// <summary>Runs a command line.</summary>
    /// <param name="root">All commands.</param>
    /// <param name="arguments">The process's arguments.</param>
    /// <returns>The exit code.</returns>
    internal static int Invoke(RootCommand root, string[] arguments)
    {
        foreach (var help in root.Options.OfType<HelpOption>())
        {
            help.Action = new HelpPage((HelpAction)help.Action!);
        }

        try
        {
            var parsed = root.Parse(arguments);
            if (arguments.Length == 0)
            {
                root.Parse("--help").Invoke(new InvocationConfiguration { Output = Console.Error });
                return ExitCodes.Refused;
            }

            // Ctrl-C is handled by the commands themselves, which save before they end.
            return parsed.Errors.Count > 0 && parsed.Action is not HelpPage
                ? Refuse(parsed)
                : parsed.Invoke(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });
        }
        catch (Exception defect)
        {
            Console.Error.WriteLine($"This is a defect in Deutero, not in what you typed; please report it with these lines:\n{defect}");
            return ExitCodes.InternalError;
        }
    }

    private static int Refuse(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var name = command is RootCommand ? "deutero" : $"deutero {string.Join(' ', Path(command))}";
        Console.Error.WriteLine(parsed.UnmatchedTokens is [var stranger, ..] ? Unknown(command, name, stranger)
            : command.Action is null && command.Subcommands.Count > 0 ? $"{name} needs a command: {string.Join(", ", command.Subcommands.Select(subcommand => subcommand.Name))}."
            : parsed.Errors[0].Message);
        Console.Error.WriteLine($"See '{name} --help'.");
        return ExitCodes.Refused;
    }

    private static string Unknown(Command command, string name, string stranger)
    {
        var shown = Spelling.Shortened(stranger);
        if (stranger.StartsWith('-'))
        {
            return $"{name} has no option '{shown}': {Spelling.Suggestion(stranger, [.. command.Options.Select(option => option.Name), "--help"])}.";
        }

        return command.Subcommands.Count > 0
            ? $"{name} has no command '{shown}': {Spelling.Suggestion(stranger, [.. command.Subcommands.Select(subcommand => subcommand.Name)])}."
            : $"{name} takes no further argument, but found '{shown}'.";
    }

    private static IEnumerable<string> Path(Command command) =>
        command is RootCommand ? [] : [.. command.Parents.OfType<Command>().Take(1).SelectMany(Path), command.Name];
}
