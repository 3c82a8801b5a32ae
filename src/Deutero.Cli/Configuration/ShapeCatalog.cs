using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json.Serialization;

namespace Deutero.Cli.Configuration;

/// <summary>The shapes of records, and the records that fill a slot, found by reflection.</summary>
internal sealed class ShapeCatalog(IEnumerable<Assembly> assemblies)
{
    /// <summary>The key that chooses the record of a slot.</summary>
    public const string TypeKey = "type";

    private readonly Type[] _records =
        [.. assemblies.Distinct().SelectMany(assembly => assembly.GetExportedTypes()).Where(type => type.IsSealed && RecordShape.IsRecord(type))];

    private readonly ConcurrentDictionary<Type, RecordShape> _shapes = new();
    private readonly ConcurrentDictionary<Type, IReadOnlyList<NamedType>> _choices = new();

    /// <summary>The shape of a record.</summary>
    public RecordShape Of(Type record) => _shapes.GetOrAdd(record, Discover);

    /// <summary>The records that implement an interface, or derive from an abstract record, in order of name.</summary>
    /// <exception cref="InvalidOperationException">Two of them have the same name, or one has a property Type.</exception>
    public IReadOnlyList<NamedType> Choices(Type slot) => _choices.GetOrAdd(slot, FindChoices);

    private NamedType[] FindChoices(Type slot)
    {
        NamedType[] choices =
        [
            .. _records.Where(slot.IsAssignableFrom)
                .Select(type => new NamedType(Spelling.Name(type.Name), type))
                .OrderBy(choice => choice.Name, StringComparer.Ordinal),
        ];
        if (choices.FirstOrDefault(choice => choice.Type.GetProperty("Type") is { } property && IsSetting(property)) is { } ambiguous)
        {
            throw new InvalidOperationException($"{ambiguous.Type.FullName} has a property Type, whose key chooses the record of a slot.");
        }

        var twins = choices.GroupBy(choice => Spelling.Folded(choice.Name)).FirstOrDefault(group => group.Count() > 1);
        return twins is null
            ? choices
            : throw new InvalidOperationException(
                $"{string.Join(" and ", twins.Select(twin => twin.Type.FullName))} have the same name in a configuration, {twins.Key}.");
    }

    private RecordShape Discover(Type record)
    {
        // A context is not safe to share between threads.
        var nullability = new NullabilityInfoContext();
        KeyShape[] keys =
        [
            .. record.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(IsSetting)
                .OrderBy(property => Depth(property.DeclaringType!)).ThenBy(property => property.MetadataToken)
                .Select(property => (property, shape: Shape(property.PropertyType, nullability.Create(property))))
                .Where(found => found.shape is not null)
                .Select(found => new KeyShape(Spelling.Key(found.property.Name), found.property, found.shape!)),
        ];
        return new RecordShape(record, keys);
    }

    private static bool IsSetting(PropertyInfo property) =>
        property.GetMethod is { IsPublic: true } && property.SetMethod is { IsPublic: true }
        && property.GetIndexParameters().Length == 0
        && property.GetCustomAttribute<JsonIgnoreAttribute>() is null;

    private static int Depth(Type type) => type.BaseType is { } parent ? Depth(parent) + 1 : 0;

    // Null means that a configuration cannot say it (a delegate, a stream): the property then keeps the record's default.
    private ValueShape? Shape(Type declared, NullabilityInfo nullability)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        var nullable = nullability.WriteState == NullabilityState.Nullable;
        if (Element(type) is { } element)
        {
            var inner = nullability.ElementType ?? nullability.GenericTypeArguments[0];
            return Shape(element, inner) is { } shape ? new ValueShape(ValueKind.List, type, nullable, shape) : null;
        }

        return Kind(type) is { } kind ? new ValueShape(kind, type, nullable) : null;
    }

    private ValueKind? Kind(Type type) => type switch
    {
        _ when type == typeof(bool) => ValueKind.Boolean,
        _ when type == typeof(int) || type == typeof(long) || type == typeof(uint) || type == typeof(ulong) => ValueKind.Integer,
        _ when type == typeof(double) || type == typeof(float) => ValueKind.Number,
        _ when type == typeof(string) => ValueKind.Text,
        _ when type.IsEnum => ValueKind.Choice,
        _ when RecordShape.IsRecord(type) => ValueKind.Record,
        _ when type.IsAbstract && Choices(type).Count > 0 => ValueKind.Slot,
        _ => null,
    };

    private static Type? Element(Type type)
    {
        if (type.IsSZArray)
        {
            return type.GetElementType();
        }

        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
        var isList = definition == typeof(IReadOnlyList<>) || definition == typeof(IReadOnlyCollection<>)
            || definition == typeof(IEnumerable<>) || definition == typeof(ImmutableArray<>);
        return isList ? type.GetGenericArguments()[0] : null;
    }
}
