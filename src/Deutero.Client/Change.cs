namespace Deutero.Client;

/// <summary>A new version of an adaptation: what is added to and taken from the current one, which is kept.</summary>
/// <param name="Add">Examples of classes that exist, and new classes.</param>
/// <param name="RemoveExamples">The numbers of examples to leave out.</param>
/// <param name="RemoveClasses">The names of classes to leave out.</param>
/// <param name="Base">The version that the change was meant for; another current version refuses it. Null changes whatever is current.</param>
/// <param name="Invert">Whether images are turned from dark ink on bright paper into bright ink on a dark ground: auto, yes or no.</param>
public sealed record Change(
    IReadOnlyList<ClassExamples>? Add = null, IReadOnlyList<long>? RemoveExamples = null,
    IReadOnlyList<string>? RemoveClasses = null, int? Base = null, string Invert = "auto");
