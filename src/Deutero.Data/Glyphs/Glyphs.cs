using Deutero.Tasks;

namespace Deutero.Data;

/// <summary>
/// The built-in few-shot data set: 1,647 characters of 62 scripts, each drawn in 20 styles at 28x28, split by script. It needs no download.
/// </summary>
/// <remarks>
/// The test scripts share no character shape with the training scripts. How the images were made, from which fonts, and what a classifier
/// that learns nothing reaches on them is told in <c>DATACARD.md</c> beside this file.
/// </remarks>
public static class Glyphs
{
    /// <summary>The number of renderings of every character.</summary>
    public const int Renderings = 20;

    /// <summary>The side of an image, in pixels.</summary>
    public const int Side = 28;

    /// <summary>The splits: <c>train</c>, <c>validation</c> and <c>test</c>.</summary>
    public static IReadOnlyList<string> Splits { get; } = ["train", "validation", "test"];

    /// <summary>Opens one split. Every item is <c>[1, 28, 28]</c> in <c>[0, 1]</c>: ink is 1 on a background of 0.</summary>
    /// <param name="split"><c>train</c>, <c>validation</c> or <c>test</c>.</param>
    /// <param name="rotations">
    /// Whether quarter turns of a character count as further classes, as is the custom with Omniglot. A turn that looks like the upright
    /// character ("S" upside down) adds none.
    /// </param>
    /// <returns>An immutable pool; a class is named <c>script/code point</c>, with <c>/rot090</c> and so on for a turned one.</returns>
    /// <exception cref="ArgumentException">There is no such split.</exception>
    public static IClassPool Open(string split, bool rotations = false) =>
        Splits.Contains(split)
            ? GlyphPool.Load(split, rotations)
            : throw new ArgumentException($"Glyphs has no split '{split}': expected train, validation or test.", nameof(split));
}
