using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Deutero.Cli.Configuration;

/// <summary>Makes lists of the type that a property has.</summary>
internal static class Lists
{
    private static readonly MethodInfo s_wrap =
        typeof(ImmutableCollectionsMarshal).GetMethod(nameof(ImmutableCollectionsMarshal.AsImmutableArray))!;

    /// <summary>The items as a list of a type.</summary>
    /// <param name="type">An array, <c>ImmutableArray</c>, or an interface that an array implements.</param>
    /// <param name="items">The items, of the right element type.</param>
    public static object As(Type type, Array items) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>)
            ? s_wrap.MakeGenericMethod(type.GetGenericArguments()).Invoke(null, [items])!
            : items;
}
