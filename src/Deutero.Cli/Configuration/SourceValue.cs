using System.Globalization;

namespace Deutero.Cli.Configuration;

/// <summary>A value as it was written, with the place where it was written.</summary>
internal sealed class SourceValue
{
    public required SourceKind Kind { get; init; }

    public required Origin Origin { get; init; }

    /// <summary>The text of a text or an argument, the digits of a number, <c>true</c> or <c>false</c>.</summary>
    public string Text { get; init; } = "";

    public List<SourceValue> Items { get; } = [];

    public OrderedDictionary<string, SourceValue> Members { get; } = new(StringComparer.Ordinal);

    /// <summary>The value as a message shows it: on one line, and short.</summary>
    public string Shown => Kind switch
    {
        SourceKind.Null => "null",
        SourceKind.Boolean or SourceKind.Number => Spelling.Shortened(Text),
        SourceKind.Text or SourceKind.Argument => $"\"{Spelling.Shortened(Text)}\"",
        SourceKind.List => ShownList(),
        _ => "an object",
    };

    /// <summary>The same, with an argument's text as it stands: whether it is a number is not known here.</summary>
    public string Unquoted => Kind == SourceKind.Argument ? Spelling.Shortened(Text) : Shown;

    private string ShownList()
    {
        const int Few = 6;
        var items = Items.Take(Few).Select(item => item.Kind is SourceKind.List ? "[...]" : item.Shown);
        return string.Create(CultureInfo.InvariantCulture, $"[{string.Join(", ", items)}{(Items.Count > Few ? ", ..." : "")}]");
    }
}
