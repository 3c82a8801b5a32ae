namespace Deutero.Cli.Configuration;

/// <summary>Applies <c>--set path=value</c> to what a file said.</summary>
internal static class Overrides
{
    /// <summary>Applies one argument; a later one wins.</summary>
    /// <param name="root">What the file and earlier arguments said; changed in place.</param>
    /// <param name="argument">For example <c>learner.innerRate=0.1</c>.</param>
    /// <param name="problems">Gets the reason why it cannot be applied.</param>
    public static void Apply(SourceValue root, string argument, Problems problems)
    {
        var origin = new Origin($"--set {Spelling.Shortened(argument)}", 0);
        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        var path = equals < 0 ? [] : argument[..equals].Trim().Split('.');
        if (path.Length is 0 or > SourceReader.Deepest || path.Any(string.IsNullOrWhiteSpace))
        {
            problems.Add($"{origin.Source} is not understood; expected --set path=value, for example --set learner.innerRate=0.1");
            return;
        }

        var node = root;
        for (var depth = 0; depth < path.Length - 1; depth++)
        {
            if (Enter(node, path[depth], origin, problems) is not { } inner)
            {
                problems.Add($"{string.Join('.', path[..(depth + 1)])} is {node.Members[path[depth]].Shown}; it has no key {path[depth + 1]}", origin);
                return;
            }

            node = inner;
        }

        node.Members[path[^1]] = new SourceValue { Kind = SourceKind.Argument, Origin = origin, Text = argument[(equals + 1)..] };
    }

    private static SourceValue? Enter(SourceValue node, string key, Origin origin, Problems problems)
    {
        var found = node.Members.GetValueOrDefault(key);
        var entered = found?.Kind switch
        {
            null or SourceKind.Null => new SourceValue { Kind = SourceKind.Object, Origin = origin },
            SourceKind.Object => found,
            SourceKind.Argument when found.Text.TrimStart().StartsWith('{') => SourceReader.Argument(found.Text, found.Origin, problems),
            SourceKind.Text or SourceKind.Argument => Long(found),
            _ => null,
        };
        if (entered is { Kind: SourceKind.Object })
        {
            node.Members[key] = entered;
            return entered;
        }

        return null;
    }

    // "learner": "maml" is short for { "type": "maml" }.
    private static SourceValue Long(SourceValue name)
    {
        var whole = new SourceValue { Kind = SourceKind.Object, Origin = name.Origin };
        whole.Members[ShapeCatalog.TypeKey] = name;
        return whole;
    }
}
