using Deutero.Client;
using Deutero.Edge;
using Deutero.Service.Storage;
using Deutero.Service.Web;
using Deutero.Torch.Imaging;

namespace Deutero.Service.Adaptations;

/// <summary>Turns the items of requests into the numbers that a model takes.</summary>
internal static class ItemReader
{
    internal static InkPolarity Polarity(string invert) => invert switch
    {
        "auto" => InkPolarity.Auto,
        "yes" => InkPolarity.Yes,
        "no" => InkPolarity.No,
        _ => throw ServiceProblem.Invalid($"invert is '{Shortened(invert)}'; auto, yes or no was expected."),
    };

    /// <exception cref="ServiceProblem">The item is not as the model wants it.</exception>
    internal static float[] Read(Item? item, InputContract contract, InkPolarity polarity, string name)
    {
        try
        {
            if (item?.Values is { } values)
            {
                contract.Check(Numbers(values, contract, name), name);
                return values;
            }

            return item switch
            {
                null => throw ServiceProblem.Invalid($"{name} is null; this model takes {contract.Takes}."),
                { Text: { } text } => contract.Read(text, name),
                { Cells: { } cells } => contract.Read(cells, name),
                _ => contract.Image is { } images
                    ? images.Decode(item.Image!, polarity, name).Values
                    : throw ServiceProblem.Invalid($"{name} is an image, but this model takes {contract.Takes}."),
            };
        }
        catch (Exception mistake) when (mistake is ImageFormatException or ArgumentException)
        {
            throw ServiceProblem.Invalid(mistake.Message);
        }
    }

    /// <summary>A stored example as a model takes it.</summary>
    /// <exception cref="ServiceProblem">The model, which may have been replaced, takes something else.</exception>
    internal static float[] Read(StoredExample example, InputContract contract) => example.Content.Said is { } said
        ? Read(said, contract, InkPolarity.No, $"Example {example.Id}")
        : Numbers(example.Content.Values, contract, $"Example {example.Id}");

    // What numbers of texts and rows mean is the model's own, so that they are not taken from outside.
    private static float[] Numbers(float[] values, InputContract contract, string name)
    {
        if (contract.Kind is InputKind.Texts or InputKind.Rows)
        {
            throw ServiceProblem.Invalid($"{name} is numbers, but this model takes {contract.Takes}.");
        }

        return values;
    }

    internal static string Shortened(string text) => text.Length <= 40 ? text : text[..40] + "...";
}
