namespace Deutero.Torch;

/// <summary>Where a tensor lives: the processor, or one CUDA device.</summary>
/// <param name="Type"><c>cpu</c> or <c>cuda</c>.</param>
/// <param name="Index">The number of the CUDA device; 0 for the processor.</param>
public readonly record struct Device(string Type, int Index = 0)
{
    /// <summary>The processor.</summary>
    public static Device Cpu { get; } = new("cpu");

    /// <summary>One CUDA device.</summary>
    /// <param name="index">Its number, from 0.</param>
    public static Device Cuda(int index = 0) => new("cuda", index);

    /// <summary>Reads <c>cpu</c>, <c>cuda</c> or <c>cuda:1</c>.</summary>
    /// <param name="text">The device as written in a configuration.</param>
    /// <exception cref="ArgumentException">The text names no device.</exception>
    public static Device Parse(string text)
    {
        var parts = text.Split(':');
        return parts switch
        {
            ["cpu"] => Cpu,
            ["cuda"] => Cuda(),
            ["cuda", var number] when int.TryParse(number, out var index) && index >= 0 => Cuda(index),
            _ => throw new ArgumentException($"The device is '{text}'; expected cpu, cuda or cuda:N."),
        };
    }

    /// <inheritdoc/>
    public override string ToString() => Type == "cpu" ? "cpu" : $"{Type}:{Index}";
}
