namespace Deutero.Edge;

/// <summary>Something doubtful about a support set.</summary>
/// <param name="Kind">What.</param>
/// <param name="Text">One sentence that names the example or the class.</param>
public sealed record SupportDoubt(DoubtKind Kind, string Text);
