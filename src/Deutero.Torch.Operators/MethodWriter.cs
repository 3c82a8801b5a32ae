using System.Globalization;
using System.Text;

namespace Deutero.Torch.Operators;

/// <summary>Writes the C# method of one schema.</summary>
internal static class MethodWriter
{
    private static readonly HashSet<string> Keywords = new() { "out", "in", "ref", "base", "params", "is", "as", "object", "float", "double", "int", "bool", "implicit", "default", "else", "string" };

    public static void Write(StringBuilder source, Schema schema)
    {
        var instance = schema.Arguments.Count > 0 && schema.Arguments[0] is { Name: "self", Type: "Tensor" };
        var field = "s_" + schema.Name + "_" + schema.Overload;
        var visible = schema.Arguments.Skip(instance ? 1 : 0).Where(argument => !argument.Hidden).ToList();
        var lastRequired = visible.FindLastIndex(argument => argument.Default == null);

        source.AppendLine($"    private static readonly Native.Operator {field} = new(\"{schema.Space}::{schema.Name}\", \"{schema.Overload}\");").AppendLine();
        source.AppendLine($"    /// <summary><c>{Escape(schema.Text)}</c></summary>");
        source.AppendLine("    /// <exception cref=\"TorchException\">libtorch refuses the arguments; the message names the operator and their shapes.</exception>");
        source.Append($"    public {(instance ? "" : "static ")}unsafe {ReturnType(schema)} {Pascal(schema.Name)}(");
        source.Append(string.Join(", ", visible.Select((argument, i) => Parameter(argument, optional: i > lastRequired))));
        source.AppendLine(")").AppendLine("    {");
        WriteBody(source, schema, instance, field);
        source.AppendLine("    }").AppendLine();
    }

    private static void WriteBody(StringBuilder source, Schema schema, bool instance, string field)
    {
        var pins = new List<string>();
        var lists = new List<string>();
        var fill = new List<string>();
        var keep = new List<string>();
        for (var i = 0; i < schema.Arguments.Count; i++)
        {
            var argument = schema.Arguments[i];
            var name = instance && i == 0 ? "this" : Name(argument);
            var pointer = Camel(argument.Name) + "Pointer";
            switch (argument.Type)
            {
                case "int[]" or "int[]?" when !argument.Hidden:
                    pins.Add($"        fixed (long* {pointer} = {name})");
                    fill.Add($"arguments[{i}] = Native.NativeValue.OfList({pointer}, {name}.Length, {EmptyMeans(argument)});");
                    break;
                case "float[]" or "float[]?":
                    pins.Add($"        fixed (double* {pointer} = {name})");
                    fill.Add($"arguments[{i}] = Native.NativeValue.OfList({pointer}, {name}.Length, {EmptyMeans(argument)});");
                    break;
                case "Tensor[]" or "Tensor?[]":
                    lists.Add($"        var {pointer} = stackalloc nint[{name}.Length];");
                    lists.Add($"        Native.NativeValue.CopyHandles({name}, {pointer});");
                    fill.Add($"arguments[{i}] = Native.NativeValue.Of{(argument.Type == "Tensor[]" ? "" : "Optional")}Tensors({pointer}, {name}.Length);");
                    keep.Add($"Native.NativeValue.KeepAlive({name});");
                    break;
                case "str" or "str?" or "Device" or "Device?" when !argument.Hidden:
                    lists.Add($"        var {pointer}Text = Native.NativeValue.Text({name});");
                    pins.Add($"        fixed (byte* {pointer} = {pointer}Text)");
                    var kind = argument.Type.StartsWith("str", StringComparison.Ordinal) ? "String" : "Device";
                    fill.Add($"arguments[{i}] = Native.NativeValue.OfText({pointer}, {pointer}Text, Native.NativeTag.{kind}, {HasDefault(argument)});");
                    break;
                default:
                    fill.Add($"arguments[{i}] = {(argument.Hidden ? "Native.NativeValue.Default" : Value(argument, name))};");
                    if (argument.Type is "Tensor" or "Tensor?" or "Generator" or "Generator?")
                    {
                        keep.Add($"GC.KeepAlive({name});");
                    }

                    break;
            }
        }

        lists.ForEach(line => source.AppendLine(line));
        pins.ForEach(line => source.AppendLine(line));
        source.AppendLine("        {");
        source.AppendLine($"            var arguments = stackalloc Native.NativeValue[{Math.Max(1, schema.Arguments.Count)}];");
        fill.ForEach(line => source.AppendLine("            " + line));
        source.AppendLine($"            var result = {field}.{CallName(schema)}(arguments, {schema.Arguments.Count});");
        keep.ForEach(line => source.AppendLine("            " + line));
        source.AppendLine("            return result;");
        source.AppendLine("        }");
    }

    private static string ReturnType(Schema schema) => schema.Results.Count switch
    {
        1 => schema.Results[0] switch
        {
            "Tensor" => "Tensor",
            "Tensor[]" => "Tensor[]",
            "bool" => "bool",
            "int" => "long",
            "Scalar" or "float" => "double",
            _ => throw new FormatException("result type '" + schema.Results[0] + "' is not supported"),
        },
        2 => "(Tensor, Tensor)",
        3 => "(Tensor, Tensor, Tensor)",
        _ => throw new FormatException("more than three results are not supported"),
    };

    private static string CallName(Schema schema) => schema.Results.Count switch
    {
        2 => "CallTwo",
        3 => "CallThree",
        _ => schema.Results[0] switch { "Tensor" => "CallOne", "Tensor[]" => "CallList", "bool" => "CallBool", "int" => "CallInt", _ => "CallDouble" },
    };

    private static string Parameter(Argument argument, bool optional)
    {
        var (type, fallback) = argument.Type switch
        {
            "Tensor" => ("Tensor", "null"),
            "Tensor?" => ("Tensor?", "null"),
            "Tensor[]" => ("ReadOnlySpan<Tensor>", "default"),
            "Tensor?[]" => ("ReadOnlySpan<Tensor?>", "default"),
            "int" => IsNumber(argument.Default) ? ("long", argument.Default!) : argument.Default == null ? ("long", "") : ("long?", "null"),
            "int?" => ("long?", "null"),
            "int[]" or "int[]?" => ("ReadOnlySpan<long>", "default"),
            "float[]" or "float[]?" => ("ReadOnlySpan<double>", "default"),
            "float" => ("double", argument.Default ?? ""),
            "float?" => ("double?", "null"),
            "bool" => ("bool", (argument.Default ?? "").ToLowerInvariant()),
            "bool?" => ("bool?", "null"),
            "Scalar" => argument.Default == null ? ("Scalar", "") : ("Scalar?", "null"),
            "Scalar?" => ("Scalar?", "null"),
            "ScalarType" => ("DType", ""),
            "ScalarType?" => ("DType?", "null"),
            "Device" => ("Device", ""),
            "Device?" => ("Device?", "null"),
            "Generator" => ("Generator", ""),
            "Generator?" => ("Generator?", "null"),
            "str" => argument.Default == null ? ("string", "") : ("string?", "null"),
            "str?" => ("string?", "null"),
            _ => throw new FormatException("argument type '" + argument.Type + "' is not supported"),
        };
        return optional ? $"{type} {Name(argument)} = {fallback}" : $"{type} {Name(argument)}";
    }

    private static string Value(Argument argument, string name) => argument.Type switch
    {
        "int" when argument.Default != null && !IsNumber(argument.Default) => $"Native.NativeValue.Of({name}, {HasDefault(argument)})",
        "int?" or "float?" or "bool?" or "Scalar?" or "ScalarType?" => $"Native.NativeValue.Of({name}, {HasDefault(argument)})",
        "Scalar" when argument.Default != null => $"Native.NativeValue.Of({name}, true)",
        _ => $"Native.NativeValue.Of({name})",
    };

    // An empty span stands for the schema's default where there is one, and for None where the type allows it.
    private static string EmptyMeans(Argument argument) =>
        argument.Default != null && argument.Default != "[]" ? "Native.NativeTag.Default" : argument.Type.EndsWith("?", StringComparison.Ordinal) ? "Native.NativeTag.None" : "Native.NativeTag.IntList";

    private static string HasDefault(Argument argument) => argument.Default != null ? "true" : "false";

    private static bool IsNumber(string? text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);

    private static string Name(Argument argument)
    {
        var name = Camel(argument.Name);
        return Keywords.Contains(name) ? "@" + name : name;
    }

    private static string Pascal(string name) =>
        string.Concat(name.Split('_').Where(part => part.Length > 0).Select(part => char.ToUpperInvariant(part[0]) + part.Substring(1)));

    private static string Camel(string name)
    {
        var pascal = Pascal(name);
        return char.ToLowerInvariant(pascal[0]) + pascal.Substring(1);
    }

    private static string Escape(string text) => text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;");
}
