using System.Collections.Concurrent;
using System.Reflection;
using Deutero.Torch;

namespace Deutero.Edge;

/// <summary>The tensors that an object, such as a predictor, holds on to, found by following its fields.</summary>
/// <remarks>
/// An adapted predictor is a closure, so nobody else can say which of the tensors made during adaptation it still needs: for a prototypical network a few
/// hundred numbers out of megabytes of activations. Everything that can be reached is kept, so a predictor never loses what it uses.
/// </remarks>
internal sealed class CapturedTensors : ITensors<CapturedTensors>
{
    private static readonly ConcurrentDictionary<Type, FieldInfo[]> s_fields = new();

    private CapturedTensors(IReadOnlyList<Tensor> leaves) => Leaves = leaves;

    public IReadOnlyList<Tensor> Leaves { get; }

    internal static CapturedTensors Of(params object[] holders)
    {
        var found = new List<Tensor>();
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var pending = new Stack<object>(holders);
        while (pending.TryPop(out var next))
        {
            if (!seen.Add(next))
            {
                continue;
            }

            if (next is Tensor tensor)
            {
                found.Add(tensor);
                continue;
            }

            foreach (var reached in Reached(next))
            {
                pending.Push(reached);
            }
        }

        return new(found);
    }

    public CapturedTensors WithLeaves(IReadOnlyList<Tensor> leaves) => new(leaves);

    private static IEnumerable<object> Reached(object holder) => holder is Array array
        ? array.GetType().GetElementType()!.IsPrimitive ? [] : array.Cast<object?>().OfType<object>()
        : s_fields.GetOrAdd(holder.GetType(), FieldsOf).Select(field => field.GetValue(holder)).OfType<object>();

    // What can hold a tensor: references, and structs, which may have references in them. Reflection's own objects cannot, and are large.
    private static FieldInfo[] FieldsOf(Type type)
    {
        var fields = new List<FieldInfo>();
        for (var level = type; level is not null && !typeof(MemberInfo).IsAssignableFrom(level) && level != typeof(string); level = level.BaseType)
        {
            fields.AddRange(level.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
                .Where(field => field.FieldType is { IsPrimitive: false, IsEnum: false, IsPointer: false } and { IsByRefLike: false } && field.FieldType != typeof(string)));
        }

        return [.. fields];
    }
}
