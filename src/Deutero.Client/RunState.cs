using System.Text.Json;

namespace Deutero.Client;

/// <summary>A training with its settings.</summary>
/// <param name="Summary">What the list says about it.</param>
/// <param name="Configuration">The complete configuration, as its file holds it.</param>
/// <param name="Environment">What it was computed with; null where that was not recorded.</param>
/// <param name="Card">The model card as Markdown; empty where there is none.</param>
public sealed record RunState(RunSummary Summary, JsonElement Configuration, JsonElement? Environment, string Card);
