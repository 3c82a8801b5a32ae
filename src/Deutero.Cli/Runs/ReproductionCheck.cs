using System.Text.Json.Nodes;
using Deutero.Evaluation;

namespace Deutero.Cli.Runs;

/// <summary>One figure of a reproduction.</summary>
/// <param name="Name">For example <c>5-way 1-shot</c>.</param>
/// <param name="Settings">What to change of the run's configuration for this figure, as <c>path=value</c>.</param>
/// <param name="Step">After which inner step to read the score; null for the last.</param>
/// <param name="Published">The published or measured reference.</param>
/// <param name="AtLeast">The least score that counts as reproduced; null for no such bound.</param>
/// <param name="AtMost">The greatest score that counts as reproduced; null for no such bound.</param>
public sealed record ReproductionCheck(
    string Name, IReadOnlyList<string> Settings, int? Step, double? Published, double? AtLeast, double? AtMost)
{
    internal static ReproductionCheck Read(JsonObject check) => new(
        check["name"]!.GetValue<string>(), [.. (check["set"]?.AsArray() ?? []).Select(setting => setting!.GetValue<string>())],
        check["step"]?.GetValue<int>(), check["published"]?.GetValue<double>(), check["atLeast"]?.GetValue<double>(), check["atMost"]?.GetValue<double>());

    /// <summary>The score that this figure is about.</summary>
    /// <param name="result">An evaluation under this figure's settings.</param>
    public Interval ScoreOf(EvaluationResult result) => Step is { } step ? result.Curve[step] : result.Score;

    /// <summary>The bounds in words; empty where there are none.</summary>
    public string Wanted => (AtLeast, AtMost) switch
    {
        ({ } least, { } most) => $"{least:F2} to {most:F2}",
        ({ } least, null) => $"at least {least:F2}",
        (null, { } most) => $"at most {most:F2}",
        _ => "",
    };

    /// <summary><c>reproduced</c>, <c>below</c> or <c>above</c> the bounds; <c>not comparable</c> where there are none.</summary>
    /// <param name="score">The measured mean.</param>
    public string Verdict(double score) =>
        score < AtLeast ? "below" : score > AtMost ? "above" : AtLeast is null && AtMost is null ? "not comparable" : "reproduced";
}
