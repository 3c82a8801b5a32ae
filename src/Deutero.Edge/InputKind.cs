namespace Deutero.Edge;

/// <summary>What a model takes.</summary>
public enum InputKind
{
    /// <summary>Numbers as they are.</summary>
    Numbers,

    /// <summary>Images, or their pixels as numbers.</summary>
    Images,

    /// <summary>Texts.</summary>
    Texts,

    /// <summary>Rows of a table, by column.</summary>
    Rows,
}
