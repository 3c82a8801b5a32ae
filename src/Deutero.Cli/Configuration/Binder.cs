using System.Reflection;

namespace Deutero.Cli.Configuration;

/// <summary>Makes records from what was written.</summary>
internal sealed class Binder(ShapeCatalog shapes, Problems problems)
{
    private delegate bool Reading(SourceValue value, ValueShape shape, string path, object? standing, out object? bound);

    /// <summary>Makes a record.</summary>
    /// <param name="value">What was written.</param>
    /// <param name="type">The record's type.</param>
    /// <returns>The record; not to be used where <see cref="Problems"/> has any.</returns>
    public object? Root(SourceValue value, Type type)
    {
        if (value.Kind != SourceKind.Object)
        {
            problems.Add($"the configuration is {value.Shown}; expected an object", value.Origin);
            return null;
        }

        var shape = shapes.Of(type);
        return Fill(shape.Create(), shape, value, "", isSlot: false);
    }

    // `standing` is the value that the property has without configuration: a partial object changes it, and only it.
    private bool Bind(SourceValue written, ValueShape shape, string path, object? standing, out object? bound)
    {
        bound = null;
        if (Interpreted(written, shape) is not { } value)
        {
            return false;
        }

        if (value.Kind == SourceKind.Null && shape.Nullable)
        {
            return true;
        }

        Reading read = (shape.Kind, value.Kind) switch
        {
            (ValueKind.List, SourceKind.List) => List,
            (ValueKind.Record, SourceKind.Object) => Record,
            (ValueKind.Slot, SourceKind.Object or SourceKind.Text) => Slot,
            _ => Scalar,
        };
        return read(value, shape, path, standing, out bound);
    }

    private bool Scalar(SourceValue value, ValueShape shape, string path, object? standing, out object? bound)
    {
        bound = Scalars.Read(value, shape, out var refusal);
        if (bound is null)
        {
            refusal = shape.Kind == ValueKind.Slot ? $"expected one of {Names(shape.Type)}, or an object with such a type" : refusal;
            problems.Add($"{path} is {value.Shown}; {refusal}", value.Origin);
        }

        return bound is not null;
    }

    private bool List(SourceValue value, ValueShape shape, string path, object? standing, out object? bound)
    {
        var items = Array.CreateInstance(shape.Element!.Type, value.Items.Count);
        if (shape.Element.Nullable && shape.Element.Type.IsValueType)
        {
            items = Array.CreateInstance(typeof(Nullable<>).MakeGenericType(shape.Element.Type), value.Items.Count);
        }

        var complete = true;
        for (var i = 0; i < value.Items.Count; i++)
        {
            if (Bind(value.Items[i], shape.Element, $"{path}[{i}]", null, out var item))
            {
                items.SetValue(item, i);
            }
            else
            {
                complete = false;
            }
        }

        bound = Lists.As(shape.Type, items);
        return complete;
    }

    private bool Record(SourceValue value, ValueShape shape, string path, object? standing, out object? bound)
    {
        var record = shapes.Of(shape.Type);
        bound = Fill(standing is null ? record.Create() : record.Copy(standing), record, value, path, isSlot: false);
        return true;
    }

    private bool Slot(SourceValue value, ValueShape shape, string path, object? standing, out object? bound)
    {
        bound = null;
        var named = value.Kind == SourceKind.Text ? value : value.Members.GetValueOrDefault(ShapeCatalog.TypeKey);
        if (named is null && standing is not null && RecordShape.IsRecord(standing.GetType()))
        {
            var same = shapes.Of(standing.GetType());
            bound = Fill(same.Copy(standing), same, value, path, isSlot: true);
            return true;
        }

        if (Chosen(named, value, shape.Type, path) is not { } type)
        {
            return false;
        }

        var record = shapes.Of(type);
        bound = Fill(record.Create(), record, value, path, isSlot: true);
        return true;
    }

    private Type? Chosen(SourceValue? named, SourceValue value, Type slot, string path)
    {
        var choices = shapes.Choices(slot);
        if (named is null)
        {
            problems.Add($"{path} has no type; expected one of {Names(slot)}", value.Origin);
            return null;
        }

        if (named.Kind is not (SourceKind.Text or SourceKind.Argument))
        {
            problems.Add($"{path}.type is {named.Shown}; expected one of {Names(slot)}", named.Origin);
            return null;
        }

        var folded = Spelling.Folded(named.Text);
        var choice = choices.FirstOrDefault(choice => Spelling.Folded(choice.Name) == folded);
        if (choice is null)
        {
            var suggestion = problems.IsFull ? "" : Spelling.Suggestion(named.Text, [.. choices.Select(choice => choice.Name)]);
            problems.Add($"{path} is \"{Spelling.Shortened(named.Text)}\", which is no known type; {suggestion}", named.Origin);
        }

        return choice?.Type;
    }

    private string Names(Type slot) => string.Join(", ", shapes.Choices(slot).Select(choice => choice.Name));

    private object Fill(object record, RecordShape shape, SourceValue value, string path, bool isSlot)
    {
        foreach (var (name, member) in value.Members)
        {
            if (isSlot && name == ShapeCatalog.TypeKey)
            {
                continue;
            }

            if (shape.Find(name) is { } key)
            {
                Set(record, key, member, path.Length == 0 ? name : $"{path}.{name}");
            }
            else
            {
                Unknown(shape, name, member, path);
            }
        }

        return record;
    }

    private void Set(object record, KeyShape key, SourceValue value, string path)
    {
        if (!Bind(value, key.Value, path, key.Property.GetValue(record), out var bound))
        {
            return;
        }

        try
        {
            key.Property.SetMethod!.Invoke(record, BindingFlags.DoNotWrapExceptions, null, [bound], null);
        }
        catch (ArgumentException refused)
        {
            problems.Add($"{path} is {value.Unquoted}; {Refusal.Sentence(refused, key.Property.Name)}", value.Origin);
        }
    }

    private void Unknown(RecordShape shape, string name, SourceValue member, string path)
    {
        var whole = path.Length == 0 ? Spelling.Shortened(name) : $"{path}.{Spelling.Shortened(name)}";
        string[] names = [.. shape.Keys.Select(key => key.Name)];
        var owner = path.Length == 0 ? "" : $" of {Spelling.Name(shape.Type.Name)}";
        var suggestion = problems.IsFull ? "" : Spelling.Suggestion(name, names);
        problems.Add($"{whole} is not a key{owner}; {suggestion}", member.Origin);
    }

    // The text of an argument means what the property's type makes of it: --set seed=5 is a number, --set name=5 is a text.
    private SourceValue? Interpreted(SourceValue value, ValueShape shape)
    {
        if (value.Kind != SourceKind.Argument)
        {
            return value;
        }

        var text = value.Text.Trim();
        var isJson = shape.Kind switch
        {
            _ when shape.Nullable && text == "null" => true,
            ValueKind.Text or ValueKind.Choice => text.StartsWith('"') && text.EndsWith('"') && text.Length > 1,
            ValueKind.Slot or ValueKind.Record => text.StartsWith('{') || text.StartsWith('"'),
            ValueKind.List => text.StartsWith('['),
            _ => true,
        };
        if (shape.Kind == ValueKind.List && !isJson)
        {
            return Separated(value);
        }

        var plain = new SourceValue { Kind = SourceKind.Text, Origin = value.Origin, Text = value.Text };
        return !isJson ? plain
            : text.StartsWith('{') || text.StartsWith('[') ? SourceReader.Argument(text, value.Origin, problems)
            : SourceReader.Argument(text, value.Origin, new Problems()) ?? plain;
    }

    private static SourceValue Separated(SourceValue argument)
    {
        var list = new SourceValue { Kind = SourceKind.List, Origin = argument.Origin };
        list.Items.AddRange(argument.Text.Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Select(text => new SourceValue { Kind = SourceKind.Argument, Origin = argument.Origin, Text = text.Trim() }));
        return list;
    }
}
