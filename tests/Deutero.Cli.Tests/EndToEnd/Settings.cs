namespace Deutero.Cli.Tests.EndToEnd;

/// <summary>Runs that take seconds.</summary>
internal static class Settings
{
    internal static string[] Sinusoid(int iterations) => Set(
        "data.name=sinusoid", "model=mlp", "learner=maml", "learner.innerRate=0.01", "episodes.shots=5", $"training.iterations={iterations}",
        "training.validateEvery=50", "training.validationEpisodes=4", "evaluation.episodes=5", "training.threads=1");

    internal static string[] Glyphs(string learner, int iterations, int ways = 5) => Set(
        $"learner={learner}", "model.filters=8", $"episodes.ways={ways}", "episodes.queries=3", "training.metaBatch=2", $"training.iterations={iterations}",
        "training.validateEvery=0", "evaluation.episodes=5", "training.threads=1");

    internal static string[] Set(params string[] settings) => [.. settings.SelectMany(setting => (string[])["--set", setting])];
}
