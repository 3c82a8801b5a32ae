namespace Deutero.Data;

/// <summary>A text with its class.</summary>
/// <param name="Text">What was said.</param>
/// <param name="Label">The class, for example an intent.</param>
public sealed record LabelledText(string Text, string Label);
