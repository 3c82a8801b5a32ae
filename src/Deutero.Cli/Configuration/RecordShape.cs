using System.Reflection;

namespace Deutero.Cli.Configuration;

/// <summary>A record and its keys.</summary>
/// <param name="Type">The record.</param>
/// <param name="Keys">Its keys, those of a base record first, in order of declaration.</param>
internal sealed record RecordShape(Type Type, IReadOnlyList<KeyShape> Keys)
{
    private const string CloneMethod = "<Clone>$";

    /// <summary>Whether a type is a record class that can be made without arguments.</summary>
    public static bool IsRecord(Type type) =>
        type is { IsClass: true, IsAbstract: false, ContainsGenericParameters: false }
        && type.GetMethod(CloneMethod) is not null
        && type.GetConstructor(Type.EmptyTypes) is not null;

    /// <summary>The key of that name, or null.</summary>
    public KeyShape? Find(string name) => Keys.FirstOrDefault(key => key.Name == name);

    /// <summary>A record with its own defaults.</summary>
    public object Create() => Activator.CreateInstance(Type)!;

    /// <summary>A copy, whose properties may then be set as <c>with</c> would set them.</summary>
    public object Copy(object record) =>
        Type.GetMethod(CloneMethod)!.Invoke(record, BindingFlags.DoNotWrapExceptions, null, null, null)!;
}
