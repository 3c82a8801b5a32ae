using System.CommandLine;
using System.CommandLine.Parsing;
using Deutero.Cli.Packages;
using Deutero.Cli.Runs;
using Deutero.Edge;
using Deutero.Service;
using Deutero.Service.Models;

namespace Deutero.Cli.Commands;

/// <summary><c>deutero serve</c>: the adaptation service.</summary>
internal static class ServeCommand
{
    private static readonly Option<string[]> s_models = new("--model", "-m")
    {
        Description = "A run folder written by 'deutero train' or a package made by 'deutero pack', under its own name or as NAME=PATH; may be given several times.", HelpName = "PATH",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string?> s_runs = new("--runs")
    {
        Description = "A folder of run folders, to watch trainings in the studio.", HelpName = "FOLDER",
    };

    private static readonly Option<string[]> s_urls = new("--urls")
    {
        Description = "Where to listen.", HelpName = "URL", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => ["http://127.0.0.1:5080"],
    };

    private static readonly Option<string?> s_certificate = new("--certificate")
    {
        Description = "The certificate of https addresses: a .pfx file, or a PEM file with --certificate-key. A password is read from DEUTERO_CERTIFICATE_PASSWORD.", HelpName = "FILE",
    };

    private static readonly Option<string?> s_certificateKey = new("--certificate-key") { Description = "The PEM file of the certificate's private key.", HelpName = "FILE" };

    internal static readonly Option<string> Store = new("--store")
    {
        Description = "The folder of the service's database, or a connection string of PostgreSQL, such as 'Host=db;Database=deutero;Username=deutero'.", HelpName = "FOLDER", DefaultValueFactory = _ => "deutero-service",
    };

    private static readonly Option<string?> s_trust = new("--trust") { Description = "Serve only packages signed by this public key, and no run folders.", HelpName = "PUBLICKEY.pem" };

    private static readonly Option<int> s_workers = new("--workers")
    {
        Description = "Threads that adapt and predict.", HelpName = "N", DefaultValueFactory = _ => Environment.ProcessorCount,
    };

    private static readonly Option<int> s_requests = BenchCommand.Positive(
        "--requests-per-second", "Requests that a tenant may send a second, with bursts of twice as many; default 1000.", 1000);

    private static readonly Option<string?> s_modelFolder = new("--model-folder")
    {
        Description = "A folder of run folders and packages, from which keys with the scope 'models' may load, replace and retire models while the service runs; packages that they upload are kept in it.", HelpName = "FOLDER",
    };

    private static readonly Option<Uri?> s_otlp = new("--otlp")
    {
        Description = "Send metrics and traces to this OpenTelemetry collector, by OTLP over HTTP; default what OTEL_EXPORTER_OTLP_ENDPOINT says.", HelpName = "URL",
        CustomParser = result => Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? url
            : throw new ArgumentException($"--otlp must be an address such as http://localhost:4318, but found '{result.Tokens[0].Value}'."),
    };

    private static readonly Option<DoubtKind[]> s_refuse = new("--refuse")
    {
        Description = "Refuse support sets that are doubtful in these ways, instead of warning.", HelpName = string.Join(',', Enum.GetNames<DoubtKind>()).ToLowerInvariant(),
        AllowMultipleArgumentsPerToken = true, CustomParser = Doubts,
    };

    internal static Command Create() => new Command("serve", "Serve models that learn classes of your own from a few examples, over HTTP.")
    {
        s_models, s_modelFolder, s_runs, s_urls, s_certificate, s_certificateKey, Store, s_workers, s_requests, s_otlp, s_trust, s_refuse,
    }.Explained("""
        Adaptations are stored in the folder of --store, and survive a restart. Stop it with Ctrl-C: requests that run are answered first.
        docs/service.md shows every request. The address itself shows the studio: draw classes of your own, watch trainings, see what was learned.
        With --model-folder, models can be loaded, replaced and retired while requests run.

        Examples:
          deutero serve --model runs/first
          deutero serve --model letters=letters.deutero --trust our.public.pem
          deutero serve --model runs/first --runs runs
          deutero serve --model runs/first --urls https://0.0.0.0:8443 --certificate cert.pem --certificate-key key.pem
          deutero serve --model letters=runs/first --model runs/second --urls http://127.0.0.1:8080 --store /var/lib/deutero
        """).Runs(Execute);

    private static int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        var (folder, names) = (arguments.GetValue(s_modelFolder), arguments.GetValue(s_models)!);
        var runs = arguments.GetValue(s_runs);
        if (folder is null && runs is null && names.Length == 0)
        {
            throw new ArgumentException(
                "There is nothing to serve: give a run folder with --model, a folder to load models from with --model-folder, or trainings to watch with --runs.");
        }

        if (folder is not null && !Directory.Exists(folder))
        {
            throw new ArgumentException($"The model folder {folder} does not exist.");
        }

        using var certificate = Certificate(arguments);
        using var trusted = arguments.GetValue(s_trust) is { } key ? PackageKey.Public(key) : null;
        var settings = new ServiceSettings
        {
            Store = arguments.GetValue(Store)!, Urls = arguments.GetValue(s_urls)!, Certificate = certificate, Workers = arguments.GetValue(s_workers), RequestsPerSecond = arguments.GetValue(s_requests),
            ModelFolder = folder is null ? null : new(folder, (name, path) => ServedRun.Open($"{name}={path}", trusted)), Otlp = arguments.GetValue(s_otlp),
            Refuse = arguments.GetValue(s_refuse) ?? [],
            Runs = runs is null ? null : new RunsFolder(runs),
        };
        ServedModel[] models = [.. names.Select(model => ServedRun.Open(model, trusted))];
        if (models.GroupBy(model => model.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"Two models are named '{twice.Key}': give one of them another name, as NAME=PATH.");
        }

        Serve(settings, models, cancellation).GetAwaiter().GetResult();
        return ExitCodes.Done;
    }

    private static ServiceCertificate? Certificate(ParseResult arguments)
    {
        var (file, key) = (arguments.GetValue(s_certificate), arguments.GetValue(s_certificateKey));
        return file is null && key is not null ? throw new ArgumentException("--certificate-key needs the certificate itself: give it with --certificate.")
            : file is null ? null
            : ServiceCertificate.Load(file, key, Environment.GetEnvironmentVariable("DEUTERO_CERTIFICATE_PASSWORD"));
    }

    private static DoubtKind[] Doubts(ArgumentResult result)
    {
        var names = result.Tokens.SelectMany(token => token.Value.Split(',')).ToArray();
        if (names.FirstOrDefault(name => !Enum.GetNames<DoubtKind>().Contains(name, StringComparer.OrdinalIgnoreCase)) is { } unknown)
        {
            result.AddError($"--refuse knows {string.Join(", ", Enum.GetNames<DoubtKind>()).ToLowerInvariant()}, but found '{unknown}'.");
            return [];
        }

        return [.. names.Select(name => Enum.Parse<DoubtKind>(name, ignoreCase: true)).Distinct()];
    }

    private static async Task Serve(ServiceSettings settings, ServedModel[] models, CancellationToken cancellation)
    {
        await using var service = await AdaptationService.Start(settings, models, cancellation);
        foreach (var model in models)
        {
            Console.Error.WriteLine($"model {model.Name}: {model.Model.Learner.GetType().Name}, {model.Version[..12]}; BatchNorm {model.Model.BatchNorm}"
                + (model.Model.Calibration is null ? "; not calibrated (deutero calibrate)" : ""));
        }

        Console.WriteLine($"listening at {string.Join(" ", service.Urls)}");
        await service.Run(cancellation);
    }
}
