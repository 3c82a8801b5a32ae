namespace Deutero.Torch.Imaging;

/// <summary>A file is not an image that can be read whole: damaged, of another format, or beyond the limits.</summary>
/// <param name="message">One sentence that names the file, what was found and what was expected.</param>
public sealed class ImageFormatException(string message) : Exception(message);
