using System.CommandLine;

namespace Deutero.Cli.Commands;

/// <summary>Gives commands the part of their help that is written by hand.</summary>
internal static class CommandHelp
{
    /// <summary>Appends text to a command's help, below its options.</summary>
    /// <param name="command">The command.</param>
    /// <param name="text">Lines as they are to be printed.</param>
    internal static TCommand Explained<TCommand>(this TCommand command, string text)
        where TCommand : Command
    {
        HelpPage.Attach(command, text);
        return command;
    }
}
