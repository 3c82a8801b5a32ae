using System.Text;
using Deutero.Cli.Packages;
using Deutero.Edge;
using Deutero.Torch;
using Deutero.Torch.Serialization;
using Deutero.Training;

namespace Deutero.Cli.Runs;

/// <summary>A run's folder: configuration, environment, metrics, checkpoint, model, evaluation and report, each under a fixed name.</summary>
/// <param name="Path">The folder.</param>
public sealed record RunFolder(string Path)
{
    private const string ContractKey = "contract";
    private const string ModelFormat = "deutero-model-1";

    /// <summary>The complete effective configuration.</summary>
    public string ConfigurationFile => At("configuration.json");

    /// <summary>What the run was computed with.</summary>
    public string EnvironmentFile => At("environment.json");

    /// <summary>One JSON object a line: iteration, loss, accuracy, validation.</summary>
    public string MetricsFile => At("metrics.jsonl");

    /// <summary>The state that the run resumes from.</summary>
    public string CheckpointFile => At("checkpoint.safetensors");

    /// <summary>What training took until the last checkpoint, over all sessions.</summary>
    public string CostFile => At("cost.json");

    /// <summary>The training that fits a reproduction's budget.</summary>
    public string BudgetFile => At("budget.json");

    /// <summary>The record of a reproduction.</summary>
    public string ReproductionFile => At("reproduction.json");

    /// <summary>The model that training yields.</summary>
    public string ModelFile => At("model.safetensors");

    /// <summary>What the model is, for people.</summary>
    public string CardFile => At("model-card.md");

    /// <summary>What was learned on held-out tasks about the model's answers.</summary>
    public string CalibrationFile => At("calibration.json");

    /// <summary>What the model takes, where the configuration does not say it: texts, rows of a table, numbers.</summary>
    public string ContractFile => At(ModelFiles.Contract);

    /// <summary>What turns texts into numbers.</summary>
    public string TextFeaturesFile => At(ModelFiles.TextFeatures);

    /// <summary>The evaluation with every episode.</summary>
    public string EvaluationFile => At("evaluation.json");

    /// <summary>The report for people.</summary>
    public string ReportFile => At("report.html");

    /// <summary>Makes the folder, and removes the temporary files that a killed process left in it.</summary>
    /// <exception cref="IOException">There is a file of that name.</exception>
    public void Prepare()
    {
        Directory.CreateDirectory(Path);
        foreach (var leftover in Directory.EnumerateFiles(Path, ".deutero-*.tmp"))
        {
            File.Delete(leftover);
        }
    }

    /// <summary>
    /// Makes the folder and holds it for this process, so that no other trains in it, until it is disposed or the process ends, however it ends.
    /// A new folder in which nothing was written is removed again.
    /// </summary>
    /// <exception cref="IOException">Another process holds it, or there is a file of that name.</exception>
    public IDisposable Hold()
    {
        var isNew = !Directory.Exists(Path);
        Directory.CreateDirectory(Path);
        try
        {
            return new Held(Path, isNew, new(At(".deutero-lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose));
        }
        catch (IOException)
        {
            throw new IOException($"{Path} is in use: another process trains in it. Wait until it has ended, or name another folder.");
        }
    }

    /// <summary>Drops an earlier run's state and results, so that none of them is taken for the next run's.</summary>
    public void Forget()
    {
        foreach (var file in (string[])[CheckpointFile, CostFile, ModelFile, EvaluationFile, ReportFile, CardFile, CalibrationFile, ContractFile, TextFeaturesFile])
        {
            if (Directory.Exists(Path))
            {
                File.Delete(file);
            }
        }
    }

    /// <summary>Writes a text file atomically.</summary>
    /// <param name="path">One of this folder's files.</param>
    /// <param name="text">Its content.</param>
    public static void WriteText(string path, string text) => AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    /// <summary>Writes what the model takes, so that it can be served without its data.</summary>
    /// <param name="contract">The contract; null where the configuration says it all, or the model cannot be served.</param>
    /// <param name="resumed">Whether a training goes on, which must not go on with other data.</param>
    /// <exception cref="ArgumentException">The training goes on, and its data turn texts or rows into other numbers than before.</exception>
    public void SaveContract(InputContract? contract, bool resumed)
    {
        var files = contract?.ToFiles() ?? new Dictionary<string, byte[]>();
        foreach (var (name, content) in files)
        {
            if (resumed && File.Exists(At(name)) && !File.ReadAllBytes(At(name)).AsSpan().SequenceEqual(content))
            {
                throw new ArgumentException($"{At(name)} says that {Path} was trained on other data than are there now: bring those back, or begin anew with --restart.");
            }
        }

        foreach (var (name, content) in files)
        {
            AtomicFile.Write(At(name), stream => stream.Write(content));
        }
    }

    /// <summary>Writes the model that a training state yields.</summary>
    /// <param name="state">The state.</param>
    /// <param name="configuration">The configuration's JSON, stored in the file so that it describes itself.</param>
    public void SaveModel(TrainingState state, string configuration)
    {
        var (theta, statistics) = state.Chosen;
        var contract = File.Exists(ContractFile) ? File.ReadAllBytes(ContractFile) : null;
        SafetensorsParameters.Save(ModelFile, theta.Prefixed("theta").With(statistics.Prefixed("statistics")), Metadata(configuration, contract));
    }

    /// <summary>The model of a learner that meta-learns nothing.</summary>
    /// <param name="configuration">The configuration's JSON.</param>
    /// <param name="contract">What it takes as input; null where nothing says so.</param>
    internal static byte[] EmptyModel(string configuration, byte[]? contract)
    {
        using var stream = new MemoryStream();
        SafetensorsParameters.Save(stream, Parameters.Empty, Metadata(configuration, contract));
        return stream.ToArray();
    }

    private static Dictionary<string, string> Metadata(string configuration, byte[]? contract)
    {
        var metadata = new Dictionary<string, string> { ["format"] = ModelFormat, ["configuration"] = configuration };
        if (contract is not null)
        {
            metadata.Add(ContractKey, PackageFile.HashOf(contract));
        }

        return metadata;
    }

    /// <summary>Reads the model.</summary>
    /// <returns>The meta-parameters and the running BatchNorm statistics, which may be empty.</returns>
    /// <exception cref="FileNotFoundException">The folder has no model: training was never finished or interrupted.</exception>
    /// <exception cref="InvalidDataException">The file is not a Deutero model.</exception>
    public (Parameters Theta, Parameters Statistics) LoadModel()
    {
        if (!File.Exists(ModelFile))
        {
            throw NoModel();
        }

        using var stream = File.OpenRead(ModelFile);
        var (theta, statistics, _) = ReadModel(stream, ModelFile);
        return (theta, statistics);
    }

    /// <summary>Reads a model, and the SHA-256 of the contract that it was trained with; null where it has none.</summary>
    internal static (Parameters Theta, Parameters Statistics, string? Contract) ReadModel(Stream stream, string name)
    {
        var (tensors, metadata) = SafetensorsParameters.Load(stream);
        return metadata.GetValueOrDefault("format") == ModelFormat
            ? (tensors.Under("theta"), tensors.Under("statistics"), metadata.GetValueOrDefault(ContractKey))
            : throw new InvalidDataException($"{name} is not a Deutero model: its format is '{metadata.GetValueOrDefault("format", "missing")}', expected '{ModelFormat}'.");
    }

    internal FileNotFoundException NoModel() => new($"{Path} holds no model.safetensors: train it first with 'deutero train --output {Path}'.");

    private string At(string name) => System.IO.Path.Combine(Path, name);

    private sealed record Held(string Path, bool IsNew, FileStream Lock) : IDisposable
    {
        public void Dispose()
        {
            Lock.Dispose();
            if (IsNew && !Directory.EnumerateFileSystemEntries(Path).Any())
            {
                Directory.Delete(Path);
            }
        }
    }
}
