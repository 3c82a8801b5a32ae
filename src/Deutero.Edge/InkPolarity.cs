namespace Deutero.Edge;

/// <summary>Whether images are turned from dark ink on bright paper into bright ink on a dark ground, as drawings are learned.</summary>
public enum InkPolarity
{
    /// <summary>An image is inverted where its border is bright and the model learned bright ink; the default.</summary>
    Auto,

    /// <summary>Every image is inverted.</summary>
    Yes,

    /// <summary>No image is inverted.</summary>
    No,
}
