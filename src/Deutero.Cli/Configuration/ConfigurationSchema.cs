using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Deutero.Cli.Configuration;

/// <summary>Reads, writes and describes configurations: records with init properties, whose interfaces are filled by name.</summary>
/// <remarks>
/// A property whose type is an interface is a slot. Its JSON object chooses a sealed record with <c>"type": "maml"</c> and begins
/// from that record's own defaults; an object without a type changes the record that the property holds by default.
/// Immutable: any number of threads may use it.
/// </remarks>
/// <param name="assemblies">Where the records that fill slots are looked for; only public sealed records count.</param>
public sealed class ConfigurationSchema(params IReadOnlyList<Assembly> assemblies)
{
    private const long LargestFile = 1 << 20;

    private readonly ShapeCatalog _shapes = new(assemblies);

    /// <summary>Reads a configuration file, then applies settings from the command line.</summary>
    /// <typeparam name="T">The record that the file describes.</typeparam>
    /// <param name="path">A JSON file of at most 1 MiB; comments and trailing commas are allowed.</param>
    /// <param name="settings">Each <c>path=value</c>, for example <c>learner.innerRate=0.1</c>; a later one wins.</param>
    /// <returns>The configuration.</returns>
    /// <exception cref="ConfigurationException">The file cannot be read, or anything in it or in a setting is refused.</exception>
    public T Load<T>(string path, params IReadOnlyList<string> settings)
        where T : class, new() => (T)Bind(typeof(T), Contents(path), Path.GetFileName(path), settings);

    /// <summary>Reads a configuration from text, then applies settings from the command line.</summary>
    /// <typeparam name="T">The record that the text describes.</typeparam>
    /// <param name="json">JSON; comments and trailing commas are allowed.</param>
    /// <param name="source">What messages call the text, for example <c>run.json</c>.</param>
    /// <param name="settings">Each <c>path=value</c>; a later one wins.</param>
    /// <returns>The configuration.</returns>
    /// <exception cref="ConfigurationException">Anything in the text or in a setting is refused.</exception>
    public T Parse<T>(string json, string source, params IReadOnlyList<string> settings)
        where T : class, new() => (T)Bind(typeof(T), Encoding.UTF8.GetBytes(json), source, settings);

    /// <summary>Makes a configuration from its defaults and settings from the command line alone.</summary>
    /// <typeparam name="T">The record.</typeparam>
    /// <param name="settings">Each <c>path=value</c>; a later one wins.</param>
    /// <returns>The configuration.</returns>
    /// <exception cref="ConfigurationException">A setting is refused.</exception>
    public T Default<T>(params IReadOnlyList<string> settings)
        where T : class, new() => (T)Bind(typeof(T), "{}"u8, "the defaults", settings);

    /// <summary>The records that can fill a slot, in order of name.</summary>
    /// <param name="slot">An interface.</param>
    public IReadOnlyList<NamedType> Choices(Type slot) => _shapes.Choices(slot);

    /// <summary>What a record is: the first sentence of its XML documentation, or nothing where that is not at hand.</summary>
    /// <param name="type">A record.</param>
    public static string Help(Type type) => new XmlHelp().Of(type);

    /// <summary>Describes all keys of a record: name, kind, default and, where the assembly's XML documentation is at hand, help.</summary>
    /// <param name="type">A record that can be made without arguments.</param>
    /// <returns>Aligned plain text, one key a line, with a section for each record that can fill a slot.</returns>
    public string Describe(Type type) => new Description(_shapes).Of(type);

    /// <summary>Writes the complete effective configuration; reading it back gives an equal one.</summary>
    /// <param name="configuration">A record.</param>
    /// <returns>JSON with every key in order of declaration, numbers with the fewest digits that read back exactly, line feeds.</returns>
    public string ToJson(object configuration) => Encoding.UTF8.GetString(CanonicalWriter.Write(configuration, _shapes).Span);

    /// <summary>A fingerprint of the complete effective configuration.</summary>
    /// <param name="configuration">A record.</param>
    /// <returns>The SHA-256 of <see cref="ToJson"/> in UTF-8, 64 lower-case hexadecimal digits.</returns>
    public string Hash(object configuration) =>
        Convert.ToHexStringLower(SHA256.HashData(CanonicalWriter.Write(configuration, _shapes).Span));

    private object Bind(Type type, ReadOnlySpan<byte> json, string source, IReadOnlyList<string> settings)
    {
        var problems = new Problems();
        if (SourceReader.File(json, Spelling.Printable(source), problems) is not { } root)
        {
            problems.ThrowIfAny();
            throw new ConfigurationException($"{source} has no value.");
        }

        if (root.Kind == SourceKind.Object)
        {
            foreach (var setting in settings)
            {
                Overrides.Apply(root, setting, problems);
            }
        }

        var bound = new Binder(_shapes, problems).Root(root, type);
        problems.ThrowIfAny();
        return bound!;
    }

    private static byte[] Contents(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            if (file.Length > LargestFile)
            {
                throw new ConfigurationException($"{path} has {file.Length} bytes; a configuration may have at most {LargestFile}.");
            }

            var contents = new byte[file.Length];
            file.ReadExactly(contents);
            return contents;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new ConfigurationException($"{path} cannot be read: {unreadable.Message}", unreadable);
        }
    }
}
