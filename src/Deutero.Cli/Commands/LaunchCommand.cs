using System.CommandLine;
using Deutero.Cli.Launching;

namespace Deutero.Cli.Commands;

/// <summary><c>deutero launch</c>: runs train, evaluate or reproduce on several processes of this machine.</summary>
internal static class LaunchCommand
{
    private static readonly string[] s_commands = ["train", "evaluate", "reproduce"];

    private static readonly Option<int> s_processes = new("--processes", "-n") { Description = "The processes, which share the machine's cores.", HelpName = "N", Required = true };

    private static readonly Option<int> s_restarts = new("--max-restarts") { Description = "How often to start again from the last checkpoint when a process dies.", HelpName = "N", DefaultValueFactory = _ => 3 };

    private static readonly Option<int> s_least = new("--min-processes") { Description = "The fewest processes to go on with; each death before a new checkpoint costs one.", HelpName = "N", DefaultValueFactory = _ => 1 };

    private static readonly Argument<string[]> s_command = new("command") { Description = "train, evaluate or reproduce with its options, after --.", Arity = ArgumentArity.OneOrMore };

    internal static Command Create() => new Command("launch", "Run train, evaluate or reproduce on several processes, and go on when one of them dies.")
    {
        s_processes, s_restarts, s_least, s_command,
    }.Explained("""
        The processes share the episodes of every meta-batch and evaluation; the number of processes changes results by rounding alone. Ctrl-C saves,
        as without launch. A process that dies is noticed within five seconds, and all start again from the last checkpoint. On several machines,
        start one process each with RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT set, without launch (docs/distributed.md).

        Examples:
          deutero launch --processes 4 -- train -o runs/maml -c maml.json
          deutero launch --processes 2 --max-restarts 10 -- reproduce omniglot-protonet
        """).Runs(Execute);

    private static int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        var command = arguments.GetValue(s_command)!;
        if (!s_commands.Contains(command[0]))
        {
            throw new ArgumentException($"launch runs {string.Join(", ", s_commands)}, but found '{command[0]}'.");
        }

        var processes = AtLeast(arguments.GetValue(s_processes), 1, "--processes");
        var least = AtLeast(arguments.GetValue(s_least), 1, "--min-processes");
        return least > processes
            ? throw new ArgumentException($"--min-processes is {least} but --processes only {processes}.")
            : new Launcher
            {
                Arguments = command, Processes = processes, MinProcesses = least, MaxRestarts = AtLeast(arguments.GetValue(s_restarts), 0, "--max-restarts"),
            }.Run(cancellation);
    }

    private static int AtLeast(int value, int least, string option) =>
        value >= least ? value : throw new ArgumentException($"{option} is {value} but must be at least {least}.");
}
