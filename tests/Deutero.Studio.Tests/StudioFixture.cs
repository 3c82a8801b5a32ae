using System.Diagnostics;
using Deutero.Cli.Runs;
using Deutero.Learners;
using Deutero.Service;

[assembly: AssemblyFixture(typeof(Deutero.Studio.Tests.StudioFixture))]

namespace Deutero.Studio.Tests;

/// <summary>A model that the product's own commands trained on glyphs and calibrated in seconds, a service of it, and a browser: made once for all tests.</summary>
public sealed class StudioFixture : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("deutero-studio-").FullName;
    private string _skip = "";
    private AdaptationService? _service;
    private Chromium? _chromium;

    internal string Run { get; private set; } = "";

    internal Uri Address(string view) => new($"{_service!.Urls[0]}/#/{view}");

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        if (Chromium.Program is not { } program)
        {
            _skip = "Chromium was not found: 'apt-get install chromium' provides it.";
            return;
        }

        if (!typeof(AdaptationService).Assembly.GetManifestResourceNames().Contains("studio/index.html"))
        {
            _skip = "The studio was not built: Node.js 18 or later with npm is needed.";
            return;
        }

        Run = await Trained();
        _service = await Serve("store");
        _chromium = await Chromium.Start(program);
    }

    /// <summary>Another service of the same model, with a database of its own.</summary>
    internal Task<AdaptationService> Serve(string store, string? runs = null, string? model = null) => AdaptationService.Start(
        new()
        {
            Store = Store(store), Urls = ["http://127.0.0.1:0"], Runs = new RunsFolder(runs ?? Path.GetDirectoryName(Run)!),
        }, [ServedRun.Open(model ?? $"glyphs={Run}")]);

    /// <summary>A model of a few texts, trained for a moment.</summary>
    internal async Task<string> OfTexts()
    {
        var run = Store("texts");
        await File.WriteAllLinesAsync(
            Store("texts.tsv"), ["text\tlabel", .. Enumerable.Range(0, 12).SelectMany(label => Enumerable.Range(0, 3).Select(i => $"please word{label} number {i}\tclass{label}"))]);
        await Command(
            "train", "--output", run, "--set", $"data.name=text:{Store("texts.tsv")}", "--set", "model=text-encoder", "--set", "training.iterations=2", "--set", "training.metaBatch=1",
            "--set", "training.validateEvery=0", "--set", "evaluation.episodes=2", "--set", "episodes.ways=2", "--set", "episodes.queries=1");
        return run;
    }

    internal string Store(string name) => Path.Combine(_folder, name);

    /// <summary>Opens a view in a tab of its own.</summary>
    internal async Task<Page> Open(string view, string selector, Func<Page, Task>? before = null)
    {
        Assert.SkipWhen(_skip.Length > 0, _skip);
        var page = await _chromium!.Open();
        await (before?.Invoke(page) ?? Task.CompletedTask);
        await page.Open(Address(view), selector);
        return page;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_chromium is not null)
        {
            await _chromium.DisposeAsync();
        }

        if (_service is not null)
        {
            await _service.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    // Kept among the build's outputs, under the version of the code that trained it.
    private static async Task<string> Trained()
    {
        var root = Root();
        var run = Path.Combine(root, "artifacts", "studio-tests", typeof(ProtoNet).Module.ModuleVersionId.ToString("N"), "glyphs");
        if (!File.Exists(Path.Combine(run, "calibration.json")))
        {
            await Command(
                "train", "--output", run, "--config", Path.Combine(root, "samples", "glyphs-protonet.json"), "--set", "training.iterations=300",
                "--set", "training.validateEvery=150", "--set", "training.validationEpisodes=20", "--set", "evaluation.episodes=50");
            await Command("calibrate", run, "--episodes", "60", "--shots", "1");
        }

        return run;
    }

    private static async Task Command(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Deutero.Cli.dll"), .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var said = process.StandardError.ReadToEndAsync();
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"deutero {string.Join(' ', arguments)} failed: {await said}");
        }
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Deutero.slnx")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("The tests are not inside of the repository.");
        }

        return folder;
    }
}
