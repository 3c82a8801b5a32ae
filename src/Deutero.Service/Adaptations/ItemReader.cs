using Deutero.Client;
using Deutero.Edge;
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
            if (item?.Image is { } file)
            {
                return contract.Image is { } images
                    ? images.Decode(file, polarity, name).Values
                    : throw ServiceProblem.Invalid($"{name} is an image, but this model takes {contract.ItemSize} numbers.");
            }

            var values = item?.Values ?? throw ServiceProblem.Invalid($"{name} is null; an image or numbers were expected.");
            contract.Check(values, name);
            return values;
        }
        catch (Exception mistake) when (mistake is ImageFormatException or ArgumentException)
        {
            throw ServiceProblem.Invalid(mistake.Message);
        }
    }

    internal static string Shortened(string text) => text.Length <= 40 ? text : text[..40] + "...";
}
