
namespace Deutero.Torch.Operators;

/// <summary>One schema line, parsed: <c>name.overload(Type argument=default, *, ...) -> Result</c>; a name without <c>space::</c> is ATen's.</summary>
internal sealed class Schema
{
    private Schema(string text, string space, string name, string overload, List<Argument> arguments, List<string> results)
    {
        Text = text;
        Space = space;
        Name = name;
        Overload = overload;
        Arguments = arguments;
        Results = results;
    }

    public string Text { get; }

    public string Space { get; }

    public string Name { get; }

    public string Overload { get; }

    public List<Argument> Arguments { get; }

    public List<string> Results { get; }

    public static Schema Parse(string line)
    {
        var open = line.IndexOf('(');
        var arrow = line.LastIndexOf("->", StringComparison.Ordinal);
        var close = arrow < 0 ? -1 : line.LastIndexOf(')', arrow);
        if (open <= 0 || close < open)
        {
            throw new FormatException("expected name(arguments) -> results");
        }

        var qualified = line.Substring(0, open).Trim();
        var colons = qualified.IndexOf("::", StringComparison.Ordinal);
        var space = colons < 0 ? "aten" : qualified.Substring(0, colons);
        qualified = colons < 0 ? qualified : qualified.Substring(colons + 2);
        var dot = qualified.IndexOf('.');
        var arguments = Split(line.Substring(open + 1, close - open - 1)).Where(part => part != "*").Select(Argument.Parse).ToList();
        var results = Split(line.Substring(arrow + 2).Trim().TrimStart('(').TrimEnd(')')).Select(part => part.Split(' ')[0]).ToList();
        return new Schema(
            line, space, dot < 0 ? qualified : qualified.Substring(0, dot), dot < 0 ? "" : qualified.Substring(dot + 1), arguments, results);
    }

    // Commas inside brackets belong to a default value such as [0, 1].
    private static IEnumerable<string> Split(string list)
    {
        var depth = 0;
        var start = 0;
        for (var i = 0; i <= list.Length; i++)
        {
            if (i == list.Length || (list[i] == ',' && depth == 0))
            {
                var part = list.Substring(start, i - start).Trim();
                start = i + 1;
                if (part.Length > 0)
                {
                    yield return part;
                }
            }
            else
            {
                depth += list[i] == '[' ? 1 : list[i] == ']' ? -1 : 0;
            }
        }
    }
}

/// <summary>One argument of a schema: its ATen type, its name and its default, if it has one.</summary>
internal sealed class Argument
{
    private Argument(string type, string name, string? defaultText)
    {
        Type = type;
        Name = name;
        Default = defaultText;
    }

    public string Type { get; }

    public string Name { get; }

    public string? Default { get; }

    // Where tensors live and how they are laid out is libtorch's own default: these arguments are not shown to C# callers.
    public bool Hidden => Type is "Layout?" or "MemoryFormat?" or "MemoryFormat" || Name == "pin_memory";

    public static Argument Parse(string text)
    {
        var space = text.LastIndexOf(' ', text.IndexOf('=') is var equals && equals >= 0 ? equals : text.Length - 1);
        if (space < 0)
        {
            throw new FormatException("argument '" + text + "' has no name");
        }

        var rest = text.Substring(space + 1);
        var assign = rest.IndexOf('=');
        var type = System.Text.RegularExpressions.Regex.Replace(text.Substring(0, space), @"\[\d+\]", "[]");
        return new Argument(type, assign < 0 ? rest : rest.Substring(0, assign), assign < 0 ? null : rest.Substring(assign + 1));
    }
}
