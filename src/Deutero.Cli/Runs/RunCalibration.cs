using Deutero.Cli.Packages;
using Deutero.Cli.Terminal;
using Deutero.Edge;

namespace Deutero.Cli.Runs;

/// <summary>Calibrates the model of a run folder.</summary>
public static class RunCalibration
{
    /// <summary>Learns a calibration on the validation classes of the run's data, measures it on the test classes and writes it beside the model.</summary>
    /// <param name="path">The run folder.</param>
    /// <param name="dataFolder">The folder of the data sets, in place of the run's; null keeps that.</param>
    /// <param name="shape">The tasks' settings, given the run's pools.</param>
    /// <param name="cancellation">Stops between episodes; nothing is written then.</param>
    /// <exception cref="FileNotFoundException">It is no run folder, or has no model.</exception>
    /// <exception cref="ArgumentException">The data has too few classes or items for the tasks.</exception>
    public static ModelCalibration Learn(string path, string? dataFolder, Func<HeldOutTasks, HeldOutTasks> shape, CancellationToken cancellation)
    {
        var folder = new RunFolder(path);
        var files = ModelFiles.Open(path);
        if (files.IsPackage)
        {
            throw new ArgumentException($"{path} is a package, which is never changed: calibrate the run folder, and pack that.");
        }

        // An old calibration may belong to another model, and is not needed.
        var contents = files.Contents.Where(file => file.Key != ModelFiles.Calibration).ToDictionary();
        using var trained = TrainedModel.Of(files with { Contents = contents });
        var data = trained.Configuration.Data;
        var family = TaskFamily.Open(trained.Configuration with { Data = dataFolder is null ? data : data with { Folder = dataFolder } });
        var pools = family.Pools ?? throw new ArgumentException(
            $"A calibration is learned on classes of one data set that were held out, but {path} was trained on {(data.Name == "meta-dataset" ? $"several ({string.Join(", ", data.Sources)})" : data.Name)}.");
        if (family.Contract is { } contract && !contract.ToFiles()[ModelFiles.Contract].AsSpan().SequenceEqual(files.Contents[ModelFiles.Contract]))
        {
            throw new ArgumentException($"{path} was trained on other data than {data.Name} holds now: a model is calibrated on classes that were held out of the same data.");
        }

        var tasks = shape(new(pools.Train, pools.Validation, pools.Test) { Threads = trained.Configuration.Training.ThreadCount });
        using var writer = ProgressWriter.ForStandardError(TimeSpan.FromSeconds(15));
        var progress = new Counter(done => writer.Report(new Progress { Iteration = done, Total = 2 * tasks.Episodes }));
        var calibration = CalibrationLearning.Learn(trained.Model, tasks, progress, cancellation) with
        {
            Model = PackageFile.HashOf(files.Contents[ModelFiles.Weights]),
        };
        RunFolder.WriteText(folder.CalibrationFile, calibration.ToJson() + "\n");
        return calibration;
    }

    private sealed class Counter(Action<int> report) : IProgress<int>
    {
        public void Report(int value) => report(value);
    }
}
