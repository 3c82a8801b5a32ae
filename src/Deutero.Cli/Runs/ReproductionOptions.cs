namespace Deutero.Cli.Runs;

/// <summary>How reproductions are run.</summary>
/// <param name="Output">The folder below which each has its run folder.</param>
/// <param name="Settings">Changes of the configuration, as <c>path=value</c>.</param>
/// <param name="BudgetMinutes">The minutes of each training; null for the whole training.</param>
internal sealed record ReproductionOptions(string Output, IReadOnlyList<string> Settings, double? BudgetMinutes)
{
    // Where and how a run computes changes its figures by rounding at most.
    private static readonly string[] s_withoutEffect = ["data.folder=", "device=", "training.threads=", "training.execution=", "training.checkpointSeconds="];

    /// <summary>The changes that a figure may depend on.</summary>
    internal IEnumerable<string> Changes => Settings.Where(setting => !s_withoutEffect.Any(prefix => setting.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)));
}
