using System.Diagnostics;
using System.Diagnostics.Metrics;
using Deutero.Service.Adaptations;
using Deutero.Service.Models;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Deutero.Service;

/// <summary>The service's meter and activity source, "Deutero.Service", and their export by OTLP where it is asked for. No tenant, no key and no content is in them.</summary>
internal sealed class ServiceTelemetry : IDisposable
{
    private const string Name = "Deutero.Service";

    private static readonly double[] s_seconds = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 60];
    private static readonly double[] s_counts = [1, 2, 4, 8, 16, 32, 64];

    private readonly ActivitySource _source = new(Name);
    private readonly Histogram<double> _requests;
    private readonly Histogram<double> _adaptations;
    private readonly Histogram<int> _batches;
    private readonly Counter<long> _predictions;
    private readonly IDisposable?[] _exporters;

    public ServiceTelemetry(ServiceSettings settings)
    {
        _requests = Meter.CreateHistogram("deutero.request.duration", "s", "Time to answer a request.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = s_seconds });
        _adaptations = Meter.CreateHistogram("deutero.adaptation.duration", "s", "Time to adapt.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = s_seconds });
        _batches = Meter.CreateHistogram("deutero.prediction.batch", "{request}", "Requests answered together.", null, new InstrumentAdvice<int> { HistogramBucketBoundaries = [.. s_counts.Select(count => (int)count)] });
        _predictions = Meter.CreateCounter<long>("deutero.predictions", "{item}", "Items predicted.");
        var exports = settings.Otlp is not null || Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT") is { Length: > 0 };
        _exporters = exports
            ?
            [
                Sdk.CreateMeterProviderBuilder().AddMeter(Name).AddOtlpExporter(to => Configure(to, settings.Otlp, "v1/metrics")).Build(),
                Sdk.CreateTracerProviderBuilder().AddSource(Name, "Microsoft.AspNetCore").AddOtlpExporter(to => Configure(to, settings.Otlp, "v1/traces")).Build(),
            ]
            : [];
    }

    internal Meter Meter { get; } = new(Name);

    /// <summary>Shows what a service holds at the moment that it is asked.</summary>
    internal void Observe(InferenceWorkers workers, ModelRegistry models, ClassifierCache classifiers)
    {
        Meter.CreateObservableGauge("deutero.queue.waiting", () => workers.Waiting, "{request}", "Requests that wait for a worker.");
        Meter.CreateObservableGauge("deutero.models", () => models.All.Count, "{model}", "Models that are served.");
        Meter.CreateObservableGauge("deutero.classifiers", () => classifiers.Count, "{classifier}", "Adapted classifiers in memory.");
        Meter.CreateObservableGauge("deutero.memory.resident", () => Environment.WorkingSet, "By", "Resident memory of the process.");
    }

    internal Activity? Begin(string what, string model, int? items = null) =>
        _source.StartActivity(what)?.SetTag("deutero.model", model).SetTag("deutero.items", items);

    internal void Answered(string method, string route, int status, TimeSpan time) => _requests.Record(
        time.TotalSeconds, new("http.request.method", method), new("http.route", route), new KeyValuePair<string, object?>("http.response.status_code", status));

    internal void Adapted(string model, TimeSpan time) => _adaptations.Record(time.TotalSeconds, new KeyValuePair<string, object?>("deutero.model", model));

    internal void Predicted(int items, int requests)
    {
        if (requests > 0)
        {
            _predictions.Add(items);
            _batches.Record(requests);
        }
    }

    /// <summary>Sends what has not been sent yet.</summary>
    public void Dispose()
    {
        foreach (var exporter in _exporters)
        {
            exporter?.Dispose();
        }

        Meter.Dispose();
        _source.Dispose();
    }

    // Without an address of ours, the exporter reads OpenTelemetry's own variables.
    private static void Configure(OtlpExporterOptions options, Uri? endpoint, string path)
    {
        if (endpoint is not null)
        {
            (options.Protocol, options.Endpoint) = (OtlpExportProtocol.HttpProtobuf, new($"{endpoint.AbsoluteUri.TrimEnd('/')}/{path}"));
        }
    }
}
