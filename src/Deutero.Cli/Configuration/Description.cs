using System.Collections;
using Deutero.Cli.Terminal;

namespace Deutero.Cli.Configuration;

/// <summary>Prints the keys of a record, and those of every record that can fill one of its slots.</summary>
internal sealed class Description(ShapeCatalog shapes)
{
    private readonly XmlHelp _help = new();
    private readonly HashSet<Type> _described = [];
    private readonly Queue<(string Path, Type Slot)> _slots = new();

    public string Of(Type type)
    {
        var sections = new List<string> { Section(type) };
        while (_slots.TryDequeue(out var slot))
        {
            sections.AddRange(shapes.Choices(slot.Slot)
                .Where(choice => _described.Add(choice.Type))
                .Select(choice => Chosen(slot.Path, choice)));
        }

        return string.Join('\n', sections);
    }

    private string Chosen(string path, NamedType choice)
    {
        var help = _help.Of(choice.Type);
        var keys = Section(choice.Type);
        return $"{path} = {choice.Name}{(help.Length > 0 ? $": {help}" : "")}\n{(keys.Length > 0 ? keys : "  (no keys)\n")}";
    }

    private string Section(Type type)
    {
        var rows = new List<IReadOnlyList<string>>();
        Rows(rows, shapes.Of(type).Create(), "", [type]);
        if (rows.Count == 0)
        {
            return "";
        }

        return rows.Any(row => row[^1].Length > 0)
            ? new TextTable { Columns = ["key", "value", "default", "help"], Rows = rows, Indent = 2 }.Render()
            : new TextTable { Columns = ["key", "value", "default"], Rows = [.. rows.Select(row => row.Take(3).ToArray())], Indent = 2 }.Render();
    }

    // `within` stops at a record that holds its own kind.
    private void Rows(List<IReadOnlyList<string>> rows, object record, string prefix, IReadOnlyList<Type> within)
    {
        foreach (var key in shapes.Of(record.GetType()).Keys)
        {
            var path = prefix + key.Name;
            var standing = key.Property.GetValue(record);
            if (key.Value.Kind == ValueKind.Record && !within.Contains(key.Value.Type))
            {
                Rows(rows, standing ?? shapes.Of(key.Value.Type).Create(), $"{path}.", [.. within, key.Value.Type]);
                continue;
            }

            rows.Add([path, Value(key.Value), Shown(standing, key.Value), _help.Of(key.Property)]);
            if (key.Value is { Kind: ValueKind.Slot } or { Kind: ValueKind.List, Element.Kind: ValueKind.Slot })
            {
                _slots.Enqueue((path, key.Value.Element?.Type ?? key.Value.Type));
            }
        }
    }

    private string Value(ValueShape shape) => shape.Kind switch
    {
        ValueKind.Boolean => "true|false",
        ValueKind.Integer => "integer",
        ValueKind.Number => "number",
        ValueKind.Text => "text",
        ValueKind.Choice => string.Join('|', shape.Choices),
        ValueKind.List => $"[{Value(shape.Element!)}, ...]",
        ValueKind.Record => $"object ({Spelling.Name(shape.Type.Name)})",
        _ => Types(shape.Type),
    } + (shape.Nullable ? "|null" : "");

    // All names of a long list would make every line as wide as the list; each has a section of its own below.
    private string Types(Type slot)
    {
        const int Wide = 60;
        var choices = shapes.Choices(slot);
        var names = string.Join('|', choices.Select(choice => choice.Name));
        return names.Length <= Wide ? names : $"one of {choices.Count} types";
    }

    private static string Shown(object? value, ValueShape shape) => value switch
    {
        null => "null",
        bool truth => truth ? "true" : "false",
        Enum choice => Spelling.Name(choice.ToString()),
        string text => $"\"{text}\"",
        IEnumerable items when shape.Kind == ValueKind.List =>
            $"[{string.Join(", ", items.Cast<object?>().Select(item => Shown(item, shape.Element!)))}]",
        _ when shape.Kind is ValueKind.Slot or ValueKind.Record => Spelling.Name(value.GetType().Name),
        _ => $"{value}",
    };
}
