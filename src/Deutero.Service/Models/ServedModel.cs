using Deutero.Client;
using Deutero.Edge;

namespace Deutero.Service.Models;

/// <summary>A model as it is served.</summary>
/// <param name="Name">What requests call it.</param>
/// <param name="Version">The SHA-256 of its file, in lower-case hexadecimal.</param>
/// <param name="Model">The model; disposed when it is replaced or retired and the last request that uses it is done.</param>
/// <param name="Card">What is known about it.</param>
public sealed record ServedModel(string Name, string Version, AdaptationModel Model, ModelCard Card) : IDisposable
{
    /// <summary>What a model's name must have.</summary>
    public const string NameRule = "1 to 100 letters, digits, '-', '_' or '.'";

    /// <summary>Whether a text can be the name of a model.</summary>
    /// <param name="text">The text.</param>
    public static bool IsName(string text) =>
        text.Length is > 0 and <= 100 && text.All(character => char.IsAsciiLetterOrDigit(character) || "-_.".Contains(character, StringComparison.Ordinal));

    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();

    /// <summary>The model as answers show it.</summary>
    public ModelState State => new(
        Name, Version, Model.Learner.GetType().Name, Model.Ways, Model.BatchNorm,
        new(
            Model.Input.ItemShape, Model.Input.Image is not null, Model.Input.Image?.InkIsBright ?? false, $"{Model.Input.Kind}".ToLowerInvariant(),
            Model.Input.Table?.Columns.Select(column => new ColumnState(column.Name, column.Categories)).ToArray()), Card);
}
