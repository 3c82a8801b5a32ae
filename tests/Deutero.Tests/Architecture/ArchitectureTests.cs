using System.Reflection;
using System.Runtime.CompilerServices;
using System.Xml.Linq;

namespace Deutero.Tests.Architecture;

public sealed class ArchitectureTests
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static TheoryData<string> Libraries => new(Assemblies.Shipped.Select(assembly => assembly.GetName().Name!));

    [Theory]
    [MemberData(nameof(Libraries))]
    public void Classes_are_sealed_static_or_abstract(string library) =>
        Assert.DoesNotContain(Assemblies.Named(library).GetExportedTypes(), type => type is { IsClass: true, IsSealed: false, IsAbstract: false });

    [Theory]
    [MemberData(nameof(Libraries))]
    public void No_public_property_or_field_can_be_changed_after_construction(string library)
    {
        var types = Assemblies.Named(library).GetExportedTypes().Where(type => !type.IsEnum).ToArray();
        Assert.Empty(types.SelectMany(type => type.GetProperties(Declared)).Where(property => property.SetMethod is { IsPublic: true } set && !IsInit(set))
            .Select(property => $"{property.DeclaringType}.{property.Name}"));
        Assert.Empty(types.SelectMany(type => type.GetFields(Declared)).Where(field => !field.IsInitOnly && !field.IsLiteral)
            .Select(field => $"{field.DeclaringType}.{field.Name}"));
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void Nothing_public_is_virtual(string library) =>
        Assert.Empty(
            from type in Assemblies.Named(library).GetExportedTypes()
            where type is { IsInterface: false, IsSealed: false }
            from method in type.GetMethods(Declared)
            where method is { IsVirtual: true, IsFinal: false, IsAbstract: false } && method.GetBaseDefinition() == method
            where method.GetCustomAttribute<CompilerGeneratedAttribute>() is null // the equality of an abstract record
            select $"{type}.{method.Name}");

    [Fact]
    public void Dependencies_point_one_way()
    {
        Assert.Empty(References(Assemblies.Torch));
        Assert.Equal(["Deutero.Torch"], References(Assemblies.Core));
        Assert.Subset(new HashSet<string> { "Deutero", "Deutero.Torch" }, References(Assemblies.Data));
        Assert.Subset(new HashSet<string> { "Deutero", "Deutero.Torch" }, References(Assemblies.Testing));
        Assert.Subset(new HashSet<string> { "Deutero", "Deutero.Torch", "Deutero.Data" }, References(Assemblies.Edge));
        Assert.Empty(References(Assemblies.Client));
        Assert.Subset(new HashSet<string> { "Deutero", "Deutero.Torch", "Deutero.Data", "Deutero.Edge", "Deutero.Client" }, References(Assemblies.Service));
    }

    [Fact]
    public void Only_the_engine_calls_native_code() =>
        Assert.Empty(
            from assembly in Assemblies.Shipped
            where assembly != Assemblies.Torch
            from type in assembly.GetTypes()
            from method in type.GetMethods(Declared | BindingFlags.NonPublic)
            where method.Attributes.HasFlag(MethodAttributes.PinvokeImpl)
            select $"{type}.{method.Name}");

    [Theory]
    [MemberData(nameof(Libraries))]
    public void No_documentation_tag_is_empty(string library)
    {
        var file = Path.ChangeExtension(Assemblies.Named(library).Location, ".xml");
        string[] texts = ["summary", "param", "returns", "value", "remarks", "exception", "typeparam"];
        Assert.Empty(
            from member in XDocument.Load(file).Descendants("member")
            from tag in member.Elements()
            where texts.Contains(tag.Name.LocalName) && string.IsNullOrWhiteSpace(tag.Value) && !tag.HasElements
            select $"{member.Attribute("name")!.Value}: {tag}");
    }

    [Theory]
    [InlineData("#pragma warning disable")]
    [InlineData("#region")]
    [InlineData("TODO")]
    [InlineData("NotImplementedException")]
    public void Sources_have_none_of(string text) =>
        Assert.DoesNotContain(Sources(), path => File.ReadAllText(path).Contains(text, StringComparison.Ordinal));

    [Fact]
    public void Public_types_live_in_files_of_their_name()
    {
        var files = Sources().Select(path => Path.GetFileNameWithoutExtension(path).Split('.')[0]).ToHashSet();
        Assert.DoesNotContain(
            Assemblies.Shipped.SelectMany(assembly => assembly.GetExportedTypes()).Where(type => !type.IsNested && !IsCompilerMade(type)),
            type => !files.Contains(type.Name.Split('`')[0]));
    }

    private static bool IsInit(MethodInfo set) => set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));

    private static bool IsCompilerMade(Type type) => type.GetCustomAttribute<CompilerGeneratedAttribute>() is not null || type.Name.Contains('<', StringComparison.Ordinal);

    private static HashSet<string> References(Assembly assembly) =>
        [.. assembly.GetReferencedAssemblies().Select(name => name.Name!).Where(name => name.StartsWith("Deutero", StringComparison.Ordinal))];

    private static IEnumerable<string> Sources() =>
        Directory.EnumerateFiles(Path.Combine(Assemblies.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal));
}
