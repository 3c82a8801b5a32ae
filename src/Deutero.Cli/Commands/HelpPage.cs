using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Runtime.CompilerServices;

namespace Deutero.Cli.Commands;

/// <summary>A command's help: usage and options, then what is particular to the command, its examples and the exit codes.</summary>
internal sealed class HelpPage(HelpAction usage) : SynchronousCommandLineAction
{
    private static readonly ConditionalWeakTable<Command, string> s_texts = [];

    /// <summary>Whether help is printed although required arguments are missing: always.</summary>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        usage.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        if (s_texts.TryGetValue(parseResult.CommandResult.Command, out var text))
        {
            output.WriteLine(text);
        }

        output.WriteLine("\nExit codes:\n  0 done   1 internal error   2 refused   3 a check failed   4 another process was lost   130 cancelled");
        return ExitCodes.Done;
    }

    internal static void Attach(Command command, string text) => s_texts.AddOrUpdate(command, text);
}
