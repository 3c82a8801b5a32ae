namespace Deutero.Data;

/// <summary>One of the 1,623 handwritten characters of Omniglot, drawn by 20 people.</summary>
/// <param name="Alphabet">The alphabet, for example <c>Greek</c>.</param>
/// <param name="Character">The character in it, for example <c>character03</c>.</param>
/// <param name="IsBackground">Whether it is in Lake's background set (30 alphabets) rather than the evaluation set (20).</param>
/// <param name="VinyalsSplit">Its split in Vinyals 2016, as released by Snell 2017.</param>
/// <param name="Rows">Its images in the buffer, in the order of the drawers 1 to 20.</param>
public sealed record OmniglotCharacter(
    string Alphabet, string Character, bool IsBackground, Split VinyalsSplit, IReadOnlyList<int> Rows)
{
    /// <summary>The name of the class: alphabet and character.</summary>
    public string Name => $"{Alphabet}/{Character}";
}
