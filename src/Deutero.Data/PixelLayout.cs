namespace Deutero.Data;

/// <summary>The order of the bytes of one image in a buffer of many.</summary>
public enum PixelLayout
{
    /// <summary><c>[channels, height, width]</c>: plane after plane.</summary>
    ChannelsFirst,

    /// <summary><c>[height, width, channels]</c>: pixel after pixel, as image files are decoded.</summary>
    ChannelsLast,
}
