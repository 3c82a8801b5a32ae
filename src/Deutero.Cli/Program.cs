using System.CommandLine;
using Deutero.Cli.Commands;

var root = new RootCommand("Deutero: meta-learning for .NET. Train across tasks, then learn a new one from a handful of examples.")
{
    TrainCommand.Create(),
    EvaluateCommand.Create(),
    CompareCommand.Create(),
    CertifyCommand.Create(),
    ReproduceCommand.Create(),
    ResultsCommand.Create(),
    BenchCommand.Create(),
};

// Ctrl-C is handled by the commands themselves, which save before they end.
return root.Parse(args).Invoke(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });
