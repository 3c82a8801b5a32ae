using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Deutero.Client;
using Deutero.Service.Models;

namespace Deutero.Cli.Runs;

/// <summary>Opens run folders for the service.</summary>
public static class ServedRun
{
    /// <summary>Opens a run folder under a name.</summary>
    /// <param name="text"><c>NAME=FOLDER</c>, or a folder, whose own name is then the model's.</param>
    /// <exception cref="FileNotFoundException">It is no run folder, or has no model.</exception>
    /// <exception cref="ArgumentException">The name has other characters than letters, digits, '-', '_' and '.', or the run's items are no images.</exception>
    /// <exception cref="InvalidDataException">The model does not belong to the run's configuration.</exception>
    public static ServedModel Open(string text)
    {
        var split = text.IndexOf('=', StringComparison.Ordinal);
        var path = split < 0 ? text : text[(split + 1)..];
        var name = split < 0 ? Path.GetFileName(Path.GetFullPath(path).TrimEnd('/')) : text[..split];
        if (name.Length is 0 or > 100 || !name.All(character => char.IsAsciiLetterOrDigit(character) || "-_.".Contains(character, StringComparison.Ordinal)))
        {
            throw new ArgumentException($"A model's name must have 1 to 100 letters, digits, '-', '_' or '.', but found '{name}': give one as NAME=FOLDER.");
        }

        var trained = TrainedModel.Open(path);
        var folder = new RunFolder(path);
        return new(name, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(folder.ModelFile))), trained.Model, Card(trained.Configuration, folder));
    }

    private static ModelCard Card(RunConfiguration configuration, RunFolder folder)
    {
        var text = File.Exists(folder.CardFile) ? File.ReadAllText(folder.CardFile) : "";
        if (!File.Exists(folder.EvaluationFile))
        {
            return new(configuration.Data.Name, "", "", 0, 0, 0, "", text);
        }

        var evaluation = JsonNode.Parse(File.ReadAllText(folder.EvaluationFile))!;
        return new(
            configuration.Data.Name, "", (string)evaluation["metric"]!, (double)evaluation["mean"]!, (double)evaluation["halfWidth95"]!,
            (int)evaluation["episodes"]!, (string)evaluation["source"]!, text);
    }
}
