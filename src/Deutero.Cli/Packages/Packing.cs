using Deutero.Cli.Runs;

namespace Deutero.Cli.Packages;

/// <summary>Makes packages of run folders.</summary>
public static class Packing
{
    /// <summary>Packs a model into one file.</summary>
    /// <param name="run">A run folder.</param>
    /// <param name="output">The package.</param>
    /// <param name="key">The key that signs it; null leaves it unsigned.</param>
    /// <returns>The package, as a reader finds it.</returns>
    /// <exception cref="FileNotFoundException">It is no run folder, or has no model.</exception>
    /// <exception cref="InvalidDataException">The model or its calibration does not belong to the run.</exception>
    public static ModelFiles Pack(string run, string output, PackageKey? key)
    {
        var files = ModelFiles.Open(run);
        using var model = ServedRun.Of("model", files);
        var card = PackagedCard.Of(model);
        var contents = new Dictionary<string, byte[]>(files.Contents)
        {
            [ModelFiles.Card] = card.ToJson(), [ModelFiles.CardText] = System.Text.Encoding.UTF8.GetBytes(card.Card.Text),
        };
        contents.TryAdd(ModelFiles.Contract, card.ContractJson()); // a run of images has none: its configuration says how they are read
        PackageFile.Write(output, ModelFiles.Known.Where(contents.ContainsKey).ToDictionary(name => name, name => contents[name]), key);
        return ModelFiles.Open(output);
    }
}
