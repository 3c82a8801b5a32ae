using System.CommandLine;
using Deutero.Cli.Commands;

var root = new RootCommand("Deutero: meta-learning for .NET. Train across tasks, then learn a new one from a handful of examples.")
{
    TrainCommand.Create(),
    EvaluateCommand.Create(),
    LaunchCommand.Create(),
    AdaptCommand.Create(),
    CalibrateCommand.Create(),
    PackCommand.Create(),
    ExportCommand.Create(),
    UnpackCommand.Create(),
    ServeCommand.Create(),
    KeysCommand.Create(),
    AuditCommand.Create(),
    CompareCommand.Create(),
    SelectCommand.Create(),
    CertifyCommand.Create(),
    ReproduceCommand.Create(),
    ResultsCommand.Create(),
    BenchCommand.Create(),
    MemoryCommand.Create(),
    ListCommand.Create(),
    DataCommand.Create(),
    DoctorCommand.Create(),
};

return CommandLine.Invoke(root.Explained("""
    Begin with:
      deutero doctor                                          is this machine ready, and if not, what to install
      deutero train --output runs/first                       a prototypical network on the built-in glyphs
      deutero adapt runs/first --support mine --query new     classify images of your own classes

    'deutero COMMAND --help' says more about each command, with examples.
    """), args);
