namespace Deutero.Torch.Serialization;

/// <summary><see cref="Parameters"/> as safetensors files, which every other tensor library reads.</summary>
public static class SafetensorsParameters
{
    // The format orders tensors by size and name; parameters are ordered, and sums over them must add in the same order after reading.
    private const string Order = "deutero.order";

    private static readonly Dictionary<DType, string> s_names = new()
    {
        [DType.Float64] = "F64",
        [DType.Float32] = "F32",
        [DType.Float16] = "F16",
        [DType.BFloat16] = "BF16",
        [DType.Int64] = "I64",
        [DType.Int32] = "I32",
        [DType.Int16] = "I16",
        [DType.Int8] = "I8",
        [DType.UInt8] = "U8",
        [DType.Bool] = "BOOL",
    };

    private static readonly Dictionary<string, DType> s_types = s_names.ToDictionary(pair => pair.Value, pair => pair.Key);

    /// <summary>Writes parameters atomically: a reader sees the old file or the new one, never half of one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="parameters">What to write.</param>
    /// <param name="metadata">Texts to store beside the tensors.</param>
    public static void Save(string path, Parameters parameters, IReadOnlyDictionary<string, string>? metadata = null) =>
        Safetensors.Write(path, Items(parameters), WithOrder(parameters, metadata));

    /// <summary>Writes parameters to a stream.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="parameters">What to write.</param>
    /// <param name="metadata">Texts to store beside the tensors.</param>
    public static void Save(Stream stream, Parameters parameters, IReadOnlyDictionary<string, string>? metadata = null) =>
        Safetensors.Write(stream, Items(parameters), WithOrder(parameters, metadata));

    /// <summary>Reads parameters, in the order in which they were written or, in files of other programs, in the file's.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="SafetensorsException">The file is not a valid safetensors file.</exception>
    public static (Parameters Parameters, IReadOnlyDictionary<string, string> Metadata) Load(string path) => Read(Safetensors.ReadAll(path));

    /// <summary>Reads parameters from a stream, from its position to its end.</summary>
    /// <param name="stream">A seekable stream.</param>
    /// <exception cref="SafetensorsException">The content is not valid.</exception>
    public static (Parameters Parameters, IReadOnlyDictionary<string, string> Metadata) Load(Stream stream) => Read(Safetensors.ReadAll(stream));

    private static SafetensorsItem[] Items(Parameters parameters) =>
        [.. parameters.Select(item => new SafetensorsItem(item.Key, s_names[item.Value.DType], item.Value.Shape, item.Value.ToBytes()))];

    private static Dictionary<string, string> WithOrder(Parameters parameters, IReadOnlyDictionary<string, string>? metadata) =>
        new(metadata ?? new Dictionary<string, string>()) { [Order] = string.Join('\n', parameters.Names) };

    private static (Parameters Parameters, IReadOnlyDictionary<string, string> Metadata) Read(SafetensorsFile file)
    {
        var tensors = file.Items.ToDictionary(
            item => item.Entry.Name, item => Tensor.FromBytes(item.Data, s_types[item.Entry.DType], [.. item.Entry.Shape]), StringComparer.Ordinal);
        var stored = file.Metadata.TryGetValue(Order, out var text) ? text.Split('\n', StringSplitOptions.RemoveEmptyEntries) : [];
        var order = stored.Length == tensors.Count && stored.All(tensors.ContainsKey) && stored.Distinct().Count() == stored.Length
            ? stored
            : [.. file.Items.Select(item => item.Entry.Name)];
        return (
            Parameters.Create([.. order.Select(name => KeyValuePair.Create(name, tensors[name]))]),
            file.Metadata.Where(pair => pair.Key != Order).ToDictionary(pair => pair.Key, pair => pair.Value));
    }
}
