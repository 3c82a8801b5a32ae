using System.Reflection;
using System.Runtime.CompilerServices;

namespace Deutero.Tests.Architecture;

/// <summary>One line for each exported type and member, in C#'s words and in alphabetical order.</summary>
internal static class PublicApi
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly NullabilityInfoContext s_nullability = new();

    private static readonly Dictionary<Type, string> s_keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(int)] = "int",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(string)] = "string",
        [typeof(object)] = "object",
    };

    internal static IEnumerable<string> Lines(Assembly assembly) =>
        assembly.GetExportedTypes().Where(type => !type.Name.Contains('<', StringComparison.Ordinal))
            .SelectMany(type => Members(type).Select(member => $"{Name(type, qualified: true)}{member}").Prepend(Declaration(type)))
            .Order(StringComparer.Ordinal).Distinct();

    private static string Declaration(Type type)
    {
        var kind = type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsAssignableTo(typeof(Delegate)) ? "delegate"
            : type.IsValueType ? "struct" : type is { IsAbstract: true, IsSealed: true } ? "static class" : type.IsAbstract ? "abstract class" : "class";
        var interfaces = type.IsEnum ? [] : type.GetInterfaces().Where(other => other.Namespace?.StartsWith("Deutero", StringComparison.Ordinal) == true)
            .Select(other => Name(other)).Order(StringComparer.Ordinal).ToArray();
        return $"{Name(type, qualified: true)} : {string.Join(", ", [kind, .. interfaces])}";
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
        {
            return Enum.GetNames(type).Select(name => $".{name} = {(int)Enum.Parse(type, name)}");
        }

        if (type.IsAssignableTo(typeof(Delegate)))
        {
            return [Signature(type.GetMethod("Invoke")!)];
        }

        return type.GetConstructors(Declared).Select(constructor => $"({Parameters(constructor)})")
            .Concat(type.GetMethods(Declared).Where(method => !IsNoise(method)).Select(method => "." + method.Name + Signature(method)))
            .Concat(type.GetProperties(Declared).Where(property => property.Name != "EqualityContract").Select(Property))
            .Concat(type.GetFields(Declared).Select(field => $".{field.Name} : {Name(field.FieldType)}"));
    }

    // Accessors are printed with their property; a record's equality and printing are the compiler's.
    private static bool IsNoise(MethodInfo method) =>
        (method.IsSpecialName && !method.Name.StartsWith("op_", StringComparison.Ordinal)) || method.GetCustomAttribute<CompilerGeneratedAttribute>() is not null
        || method.Name.Contains('<', StringComparison.Ordinal);

    private static string Signature(MethodInfo method)
    {
        var generic = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(argument => argument.Name))}>" : "";
        var shared = method.IsStatic ? "static " : "";
        return $"{generic}({Parameters(method)}) : {shared}{Annotated(method.ReturnType, s_nullability.Create(method.ReturnParameter))}";
    }

    private static string Property(PropertyInfo property)
    {
        var index = property.GetIndexParameters();
        var name = index.Length == 0 ? "." + property.Name : $"[{string.Join(", ", index.Select(Parameter))}]";
        var set = property.SetMethod is not { IsPublic: true } setter ? ""
            : setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init; " : "set; ";
        var shared = (property.GetMethod ?? property.SetMethod)!.IsStatic ? "static " : "";
        return $"{name} {{ {(property.GetMethod is null ? "" : "get; ")}{set}}} : {shared}{Annotated(property.PropertyType, s_nullability.Create(property))}";
    }

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        var given = parameter.HasDefaultValue ? $" = {parameter.RawDefaultValue switch { null => "default", bool flag => flag ? "true" : "false", var value => value }}" : "";
        var direction = parameter.IsOut ? "out " : parameter.ParameterType.IsByRef ? "ref " : "";
        return $"{direction}{Annotated(parameter.ParameterType, s_nullability.Create(parameter))} {parameter.Name}{given}";
    }

    private static string Annotated(Type type, NullabilityInfo nullability) =>
        Name(type) + (!type.IsValueType && !type.IsByRef && nullability.ReadState == NullabilityState.Nullable ? "?" : "");

    private static string Name(Type type, bool qualified = false)
    {
        if (s_keywords.TryGetValue(type, out var keyword))
        {
            return keyword;
        }

        if (type.IsByRef || type.IsArray || type.IsPointer)
        {
            return Name(type.GetElementType()!) + (type.IsArray ? "[]" : type.IsPointer ? "*" : "");
        }

        if (Nullable.GetUnderlyingType(type) is { } value)
        {
            return Name(value) + "?";
        }

        var name = (qualified && type.Namespace is { } space ? space + "." : "") + (type.IsNested && !type.IsGenericParameter ? Name(type.DeclaringType!) + "." : "") + type.Name.Split('`')[0];
        return type.IsGenericType ? $"{name}<{string.Join(", ", type.GetGenericArguments().Select(argument => Name(argument)))}>" : name;
    }
}
