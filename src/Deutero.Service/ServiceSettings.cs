using Deutero.Edge;
using Deutero.Service.Models;
using Deutero.Service.Runs;

namespace Deutero.Service;

/// <summary>How the service runs, and what it refuses.</summary>
public sealed record ServiceSettings
{
    /// <summary>Where it listens; default http://127.0.0.1:5080.</summary>
    public IReadOnlyList<string> Urls { get; init; } = ["http://127.0.0.1:5080"];

    /// <summary>What it shows at https addresses, of which there are none without it; disposed by its owner.</summary>
    public ServiceCertificate? Certificate { get; init; }

    /// <summary>The folder of its SQLite database, which is made where there is none; or a connection string of a PostgreSQL database, which several services may share.</summary>
    public required string Store { get; init; }

    /// <summary>Threads that adapt and predict, each with one operator thread; default one for each core.</summary>
    public int Workers { get; init => field = Positive(value, nameof(Workers)); } = Environment.ProcessorCount;

    /// <summary>Adaptations and predictions that may wait for a worker before others are refused with 429; default 256.</summary>
    public int QueueLength { get; init => field = Positive(value, nameof(QueueLength)); } = 256;

    /// <summary>Adapted classifiers kept in memory; others are adapted again from their examples when they are asked; default 1,024.</summary>
    public int CachedClassifiers { get; init => field = Positive(value, nameof(CachedClassifiers)); } = 1024;

    /// <summary>The longest request body in bytes; default 16 MiB.</summary>
    public long MaxBodyBytes { get; init; } = 16 << 20;

    /// <summary>The longest package of a model that may be uploaded, in bytes; default 256 MiB.</summary>
    public long MaxPackageBytes { get; init; } = 256 << 20;

    /// <summary>Classes of an adaptation; default 200.</summary>
    public int MaxClasses { get; init => field = Positive(value, nameof(MaxClasses)); } = 200;

    /// <summary>Examples of a version of an adaptation; default 2,000.</summary>
    public int MaxExamples { get; init => field = Positive(value, nameof(MaxExamples)); } = 2000;

    /// <summary>Items of a request for predictions; default 100.</summary>
    public int MaxItems { get; init => field = Positive(value, nameof(MaxItems)); } = 100;

    /// <summary>Examples of an adaptation whose answers are explained, which adapts once for each of them; default 100.</summary>
    public int MaxExplainedExamples { get; init => field = Positive(value, nameof(MaxExplainedExamples)); } = 100;

    /// <summary>Doubts about a support set that refuse it; others are warnings in the answer; default none.</summary>
    public IReadOnlyList<DoubtKind> Refuse { get; init; } = [];

    /// <summary>Requests that a tenant may send a second, with bursts of twice as many; others are refused with 429; default 1,000.</summary>
    public int RequestsPerSecond { get; init => field = Positive(value, nameof(RequestsPerSecond)); } = 1000;

    /// <summary>Where models may be loaded from over HTTP, and uploaded ones are kept; null, the default, allows no change of models.</summary>
    public ModelFolder? ModelFolder { get; init; }

    /// <summary>Where metrics and traces are sent by OTLP over HTTP, such as http://localhost:4318; null, the default, leaves that to OTEL_EXPORTER_OTLP_ENDPOINT.</summary>
    public Uri? Otlp { get; init; }

    /// <summary>The trainings that are shown; default none.</summary>
    public IRunSource? Runs { get; init; }

    private static int Positive(int value, string name) =>
        value > 0 ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} must be at least 1.");
}
