using System.Reflection;
using System.Xml;
using System.Xml.Linq;

namespace Deutero.Cli.Configuration;

/// <summary>First sentences of XML documentation, where the file lies beside the assembly.</summary>
internal sealed class XmlHelp
{
    private readonly Dictionary<Assembly, IReadOnlyDictionary<string, XElement>> _files = [];

    /// <summary>The help of a property, or nothing.</summary>
    public string Of(PropertyInfo property) => Of(property.DeclaringType!, $"P:{FullName(property.DeclaringType!)}.{property.Name}");

    /// <summary>The help of a type, or nothing.</summary>
    public string Of(Type type) => Of(type, $"T:{FullName(type)}");

    private string Of(Type type, string member)
    {
        if (!_files.TryGetValue(type.Assembly, out var members))
        {
            members = Read(type.Assembly);
            _files.Add(type.Assembly, members);
        }

        return members.TryGetValue(member, out var element) ? FirstSentence(element.Element("summary")) : "";
    }

    private static string FullName(Type type) => (type.FullName ?? type.Name).Replace('+', '.');

    private static Dictionary<string, XElement> Read(Assembly assembly)
    {
        var path = Path.Combine(AppContext.BaseDirectory, $"{assembly.GetName().Name}.xml");
        if (assembly.Location.Length > 0)
        {
            path = Path.ChangeExtension(assembly.Location, ".xml");
        }

        try
        {
            return XDocument.Load(path).Descendants("member")
                .Where(member => member.Attribute("name") is not null)
                .DistinctBy(member => member.Attribute("name")!.Value)
                .ToDictionary(member => member.Attribute("name")!.Value);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or XmlException)
        {
            // Help is a courtesy: a program that was shipped without the file still lists its keys.
            return [];
        }
    }

    private static string FirstSentence(XElement? summary)
    {
        if (summary is null)
        {
            return "";
        }

        var text = string.Join(' ', string.Concat(summary.Nodes().Select(Text)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        var end = text.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? text : text[..(end + 1)];
    }

    // A reference shows its last name: <see cref="P:Deutero.Learners.Maml.Steps"/> is "Steps".
    private static string Text(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { IsEmpty: true } reference => (reference.FirstAttribute?.Value ?? "").Split('.')[^1].Split(':')[^1],
        XElement element => string.Concat(element.Nodes().Select(Text)),
        _ => "",
    };
}
