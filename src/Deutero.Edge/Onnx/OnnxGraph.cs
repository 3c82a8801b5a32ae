using Deutero.Torch;

namespace Deutero.Edge.Onnx;

/// <summary>An ONNX model that is being built, operator by operator (onnx.proto of ONNX 1.8, operator set 13).</summary>
internal sealed class OnnxGraph
{
    private const int IrVersion = 7;
    private const int OperatorSet = 13;
    private const int Float32 = 1;
    private const int Int64 = 7;

    private readonly ProtobufWriter _graph = new();
    private readonly ProtobufWriter _notes = new();
    private int _values;

    /// <summary>Declares the input, of any number of items.</summary>
    internal string Input(string name, IReadOnlyList<long> itemShape)
    {
        _graph.Message(11, Declared(name, itemShape));
        return name;
    }

    /// <summary>Declares an output, and gives a value its name.</summary>
    internal void Output(string name, string value, long width)
    {
        _graph.Message(1, Node("Identity", [value], name));
        _graph.Message(12, Declared(name, [width]));
    }

    /// <summary>Adds an operator.</summary>
    /// <returns>The name of its output.</returns>
    internal string Add(string operation, IReadOnlyList<string> inputs, params IReadOnlyList<ProtobufWriter> attributes)
    {
        var output = $"{operation}{++_values}";
        _graph.Message(1, Node(operation, inputs, output, attributes));
        return output;
    }

    /// <summary>Adds a constant.</summary>
    internal string Constant(string name, Tensor values) =>
        Constant(name, Float32, values.Shape, writer => writer.Numbers<float>(9, values.To(DType.Float32).ToArray<float>()));

    /// <summary>Adds a constant number.</summary>
    internal string Constant(string name, float value) => Constant(name, Float32, [], writer => writer.Numbers<float>(9, [value]));

    /// <summary>Adds constant whole numbers, as some operators take their axes.</summary>
    internal string Constant(string name, params long[] values) => Constant(name, Int64, [values.Length], writer => writer.Numbers<long>(9, values));

    /// <summary>Writes something into the file's metadata.</summary>
    internal void Note(string key, string value) => _notes.Message(14, new ProtobufWriter().Text(1, key).Text(2, value));

    internal static ProtobufWriter Attribute(string name, float value) => new ProtobufWriter().Text(1, name).Single(2, value).Integer(20, 1);

    internal static ProtobufWriter Attribute(string name, long value) => new ProtobufWriter().Text(1, name).Integer(3, value).Integer(20, 2);

    internal static ProtobufWriter Attribute(string name, params long[] values)
    {
        var attribute = new ProtobufWriter().Text(1, name);
        foreach (var value in values)
        {
            attribute.Integer(8, value);
        }

        return attribute.Integer(20, 7);
    }

    /// <summary>The model as a file.</summary>
    internal byte[] ToModel(string name)
    {
        _graph.Text(2, name);
        return new ProtobufWriter().Integer(1, IrVersion).Text(2, "Deutero").Message(7, _graph)
            .Message(8, new ProtobufWriter().Text(1, "").Integer(2, OperatorSet)).Append(_notes).Bytes.ToArray();
    }

    private static ProtobufWriter Node(string operation, IReadOnlyList<string> inputs, string output, params IReadOnlyList<ProtobufWriter> attributes)
    {
        var node = new ProtobufWriter();
        foreach (var input in inputs)
        {
            node.Text(1, input);
        }

        node.Text(2, output).Text(3, output).Text(4, operation);
        foreach (var attribute in attributes)
        {
            node.Message(5, attribute);
        }

        return node;
    }

    private static ProtobufWriter Declared(string name, IReadOnlyList<long> itemShape)
    {
        var shape = new ProtobufWriter().Message(1, new ProtobufWriter().Text(2, "N"));
        foreach (var size in itemShape)
        {
            shape.Message(1, new ProtobufWriter().Integer(1, size));
        }

        var tensor = new ProtobufWriter().Integer(1, Float32).Message(2, shape);
        return new ProtobufWriter().Text(1, name).Message(2, new ProtobufWriter().Message(1, tensor));
    }

    private string Constant(string name, int type, IReadOnlyList<long> shape, Action<ProtobufWriter> values)
    {
        var tensor = new ProtobufWriter();
        foreach (var size in shape)
        {
            tensor.Integer(1, size);
        }

        tensor.Integer(2, type).Text(8, name);
        values(tensor);
        _graph.Message(5, tensor);
        return name;
    }
}
