using System.Text;
using System.Text.Json.Nodes;
using Deutero.Cli.Packages;
using Deutero.Client;
using Deutero.Data;
using Deutero.Edge;
using Deutero.Service.Models;

namespace Deutero.Cli.Runs;

/// <summary>Opens run folders and packages for the service.</summary>
public static class ServedRun
{
    /// <summary>Opens a run folder or a package under a name.</summary>
    /// <param name="text"><c>NAME=PATH</c>, or a path, whose last part without <c>.deutero</c> is then the model's name.</param>
    /// <param name="trusted">The only key whose packages are taken; null takes every package that is whole.</param>
    /// <exception cref="FileNotFoundException">It is no run folder, or has no model.</exception>
    /// <exception cref="ArgumentException">The name has other characters than letters, digits, '-', '_' and '.', or the run's tasks are not of the kind that is served.</exception>
    /// <exception cref="InvalidDataException">The model does not belong to the run's configuration, or the package was changed or is not trusted.</exception>
    public static ServedModel Open(string text, PackageKey? trusted = null)
    {
        var split = text.IndexOf('=', StringComparison.Ordinal);
        var path = split < 0 ? text : text[(split + 1)..];
        var last = Path.GetFileName(Path.GetFullPath(path).TrimEnd('/'));
        var name = split >= 0 ? text[..split] : last.EndsWith(".deutero", StringComparison.Ordinal) ? Path.GetFileNameWithoutExtension(last) : last;
        if (!ServedModel.IsName(name))
        {
            throw new ArgumentException($"A model's name must have {ServedModel.NameRule}, but found '{name}': give one as NAME=PATH.");
        }

        return Of(name, ModelFiles.Open(path, trusted));
    }

    /// <summary>Makes a model of its files.</summary>
    /// <param name="name">What requests call it.</param>
    /// <param name="files">The files.</param>
    /// <exception cref="ArgumentException">The run's tasks are not of the kind that is served, or it was a pre-training.</exception>
    /// <exception cref="InvalidDataException">The model does not belong to the run's configuration.</exception>
    public static ServedModel Of(string name, ModelFiles files)
    {
        var trained = TrainedModel.Of(files);
        var card = Card(trained.Configuration, files) with { Calibration = Of(trained.Model.Calibration) };
        return new(name, PackageFile.HashOf(files.Contents[ModelFiles.Weights]), trained.Model, card);
    }

    private static ModelCard Card(RunConfiguration configuration, ModelFiles files)
    {
        var (data, evaluated) = (configuration.Data.Name, Path.Combine(files.Source, "evaluation.json"));
        if (!File.Exists(evaluated) && files.Contents.TryGetValue(ModelFiles.Card, out var packaged))
        {
            return PackagedCard.Parse(packaged, $"{files.Source}: {ModelFiles.Card}").Card;
        }

        var text = files.Contents.TryGetValue(ModelFiles.CardText, out var markdown) ? Encoding.UTF8.GetString(markdown) : "";
        if (!File.Exists(evaluated))
        {
            return new(data, LicenceOf(data), "", 0, 0, 0, "", text);
        }

        var evaluation = JsonNode.Parse(File.ReadAllText(evaluated))!;
        return new(
            data, LicenceOf(data), (string)evaluation["metric"]!, (double)evaluation["mean"]!, (double)evaluation["halfWidth95"]!,
            (int)evaluation["episodes"]!, (string)evaluation["source"]!, text);
    }

    private static string LicenceOf(string data) => data switch
    {
        "glyphs" => "built-in images made from openly licensed fonts",
        "omniglot-random" or "omniglot-lake" or "omniglot-one-shot" => DataSets.Omniglot.Licence,
        "meta-dataset" => "those of its data sets",
        _ when data.StartsWith("intents-", StringComparison.Ordinal) => DataSets.Intents.Licence,
        _ => DataSets.All.FirstOrDefault(set => set.Name == data)?.Licence ?? "",
    };

    private static CalibrationState? Of(ModelCalibration? calibration) => calibration is not { Figures: var figures } ? null : new(
        calibration.Temperature, $"{calibration.Score}".ToLowerInvariant(), calibration.Threshold, figures.Rate, figures.KnownAbstained, figures.ForeignCaught,
        figures.ExpectedCalibrationErrorBefore, figures.ExpectedCalibrationError, figures.MeasuredOn);
}
