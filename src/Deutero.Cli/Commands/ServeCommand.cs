using System.CommandLine;
using Deutero.Cli.Runs;
using Deutero.Service;
using Deutero.Service.Models;

namespace Deutero.Cli.Commands;

/// <summary><c>deutero serve</c>: the adaptation service.</summary>
internal static class ServeCommand
{
    private static readonly Option<string[]> s_models = new("--model", "-m")
    {
        Description = "A run folder written by 'deutero train', under its own name or as NAME=FOLDER; may be given several times.", HelpName = "FOLDER",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string[]> s_urls = new("--urls")
    {
        Description = "Where to listen.", HelpName = "URL", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => ["http://127.0.0.1:5080"],
    };

    internal static readonly Option<string> Store = new("--store")
    {
        Description = "The folder of the service's database.", HelpName = "FOLDER", DefaultValueFactory = _ => "deutero-service",
    };

    private static readonly Option<int> s_workers = new("--workers")
    {
        Description = "Threads that adapt and predict.", HelpName = "N", DefaultValueFactory = _ => Environment.ProcessorCount,
    };

    private static readonly Option<int> s_requests = BenchCommand.Positive(
        "--requests-per-second", "Requests that a tenant may send a second, with bursts of twice as many; default 1000.", 1000);

    private static readonly Option<string?> s_modelFolder = new("--model-folder")
    {
        Description = "A folder of run folders, from which keys with the scope 'models' may load, replace and retire models while the service runs.", HelpName = "FOLDER",
    };

    private static readonly Option<Uri?> s_otlp = new("--otlp")
    {
        Description = "Send metrics and traces to this OpenTelemetry collector, by OTLP over HTTP; default what OTEL_EXPORTER_OTLP_ENDPOINT says.", HelpName = "URL",
        CustomParser = result => Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? url
            : throw new ArgumentException($"--otlp must be an address such as http://localhost:4318, but found '{result.Tokens[0].Value}'."),
    };

    internal static Command Create() => new Command("serve", "Serve models that learn classes of your own from a few examples, over HTTP.")
    {
        s_models, s_modelFolder, s_urls, Store, s_workers, s_requests, s_otlp,
    }.Explained("""
        Adaptations are stored in the folder of --store, and survive a restart. Stop it with Ctrl-C: requests that run are answered first.
        docs/service.md shows every request. With --model-folder, models can be loaded, replaced and retired while requests run.

        Examples:
          deutero serve --model runs/first
          deutero serve --model letters=runs/first --model runs/second --urls http://127.0.0.1:8080 --store /var/lib/deutero
        """).Runs(Execute);

    private static int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        var (folder, names) = (arguments.GetValue(s_modelFolder), arguments.GetValue(s_models)!);
        if (folder is null && names.Length == 0)
        {
            throw new ArgumentException("There is nothing to serve: give a run folder with --model, or a folder to load models from with --model-folder.");
        }

        if (folder is not null && !Directory.Exists(folder))
        {
            throw new ArgumentException($"The model folder {folder} does not exist.");
        }

        var settings = new ServiceSettings
        {
            DataFolder = arguments.GetValue(Store)!, Urls = arguments.GetValue(s_urls)!, Workers = arguments.GetValue(s_workers), RequestsPerSecond = arguments.GetValue(s_requests),
            ModelFolder = folder is null ? null : new(folder, (name, path) => ServedRun.Open($"{name}={path}")), Otlp = arguments.GetValue(s_otlp),
        };
        ServedModel[] models = [.. names.Select(ServedRun.Open)];
        if (models.GroupBy(model => model.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"Two models are named '{twice.Key}': give one of them another name, as NAME=FOLDER.");
        }

        Serve(settings, models, cancellation).GetAwaiter().GetResult();
        return ExitCodes.Done;
    }

    private static async Task Serve(ServiceSettings settings, ServedModel[] models, CancellationToken cancellation)
    {
        await using var service = await AdaptationService.Start(settings, models, cancellation);
        foreach (var model in models)
        {
            Console.Error.WriteLine($"model {model.Name}: {model.Model.Learner.GetType().Name}, {model.Version[..12]}; BatchNorm {model.Model.BatchNorm}");
        }

        Console.WriteLine($"listening at {string.Join(" ", service.Urls)}");
        await service.Run(cancellation);
    }
}
