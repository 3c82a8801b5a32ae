namespace Deutero.Data;

/// <summary>An array of bytes with a shape, as an IDX file holds it.</summary>
/// <param name="Shape">The sizes, outermost first, for example <c>[items, height, width]</c>.</param>
/// <param name="Data">The values, row-major: exactly as many as the product of the shape.</param>
public sealed record IdxArray(IReadOnlyList<int> Shape, byte[] Data);
