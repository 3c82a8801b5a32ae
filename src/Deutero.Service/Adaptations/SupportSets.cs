using Deutero.Client;
using Deutero.Edge;
using Deutero.Service.Storage;
using Deutero.Service.Web;

namespace Deutero.Service.Adaptations;

/// <summary>What a version of an adaptation shall hold, from what a request says.</summary>
internal static class SupportSets
{
    private const int LongestName = 100;

    internal static void RequireName(string? name, string what, int shortest = 1)
    {
        if (name is null || name.Length < shortest || name.Length > LongestName || name.Any(char.IsControl))
        {
            throw ServiceProblem.Invalid($"{what} must have {shortest} to {LongestName} characters, none of them a control character.");
        }
    }

    /// <summary>The content of a first version.</summary>
    internal static IReadOnlyList<ClassContent> Of(IReadOnlyList<ClassExamples>? classes, InputContract contract, InkPolarity polarity, ServiceSettings limits)
    {
        var content = Merge([], classes ?? throw ServiceProblem.Invalid("classes is null; at least two classes were expected."), contract, polarity, limits);
        return Checked(content, limits);
    }

    /// <summary>The content of a version that is made from another one.</summary>
    internal static IReadOnlyList<ClassContent> Changed(
        StoredVersion from, Change change, InputContract contract, InkPolarity polarity, ServiceSettings limits)
    {
        var known = from.Classes.SelectMany(one => one.Examples).ToHashSet();
        var removed = (change.RemoveExamples ?? []).ToHashSet();
        if (removed.FirstOrDefault(id => !known.Contains(id), -1) is var stranger and not -1)
        {
            throw ServiceProblem.Invalid($"removeExamples names {stranger}, which version {from.Version} does not have.");
        }

        var dropped = (change.RemoveClasses ?? []).ToHashSet(StringComparer.Ordinal);
        if (dropped.FirstOrDefault(name => from.Classes.All(one => one.Name != name)) is { } unknown)
        {
            throw ServiceProblem.Invalid($"removeClasses names '{ItemReader.Shortened(unknown)}', which version {from.Version} does not have.");
        }

        if (change.Add is null or [] && removed.Count == 0 && dropped.Count == 0)
        {
            throw ServiceProblem.Invalid("The change is empty: add, removeExamples or removeClasses was expected.");
        }

        var kept = from.Classes.Where(one => !dropped.Contains(one.Name))
            .Select(one => new ClassContent(one.Name, [.. one.Examples.Where(id => !removed.Contains(id))], []));
        return Checked(Merge(kept, change.Add ?? [], contract, polarity, limits), limits);
    }

    private static List<ClassContent> Merge(
        IEnumerable<ClassContent> kept, IReadOnlyList<ClassExamples> added, InputContract contract, InkPolarity polarity, ServiceSettings limits)
    {
        var content = kept.ToList();
        if (added.Sum(one => one?.Examples?.Count ?? 0) > limits.MaxExamples)
        {
            throw ServiceProblem.Invalid($"There are more than {limits.MaxExamples} examples.");
        }

        for (var i = 0; i < added.Count; i++)
        {
            var one = added[i] ?? throw ServiceProblem.Invalid($"Class {i + 1} is null.");
            RequireName(one.Name, $"The name of class {i + 1}");
            if (added.Take(i).Any(earlier => earlier.Name == one.Name))
            {
                throw ServiceProblem.Invalid($"Two classes are named '{one.Name}'.");
            }

            var items = (one.Examples ?? throw ServiceProblem.Invalid($"Class '{one.Name}' has no examples."))
                .Select((item, number) => New(item, contract, polarity, $"Example {number + 1} of class '{one.Name}'")).ToArray();
            var place = content.FindIndex(existing => existing.Name == one.Name);
            if (place < 0)
            {
                content.Add(new(one.Name, [], items));
            }
            else
            {
                content[place] = content[place] with { Added = items };
            }
        }

        return content;
    }

    private static NewExample New(Item? item, InputContract contract, InkPolarity polarity, string name)
    {
        var values = ItemReader.Read(item, contract, polarity, name);
        return new(ExampleContent.Of(item!, values), values);
    }

    private static List<ClassContent> Checked(List<ClassContent> content, ServiceSettings limits)
    {
        if (content.FirstOrDefault(one => one.Kept.Count + one.Added.Count == 0) is { } empty)
        {
            throw ServiceProblem.Invalid($"Class '{empty.Name}' has no example; at least one was expected, or the class removed.");
        }

        var examples = content.Sum(one => one.Kept.Count + one.Added.Count);
        return content.Count > limits.MaxClasses || examples > limits.MaxExamples
            ? throw ServiceProblem.Invalid(
                $"The support set has {content.Count} classes and {examples} examples; at most {limits.MaxClasses} and {limits.MaxExamples} are taken.")
            : content;
    }
}
