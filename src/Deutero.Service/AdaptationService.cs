using System.Security.Authentication;
using System.Text.Json;
using Deutero.Service.Adaptations;
using Deutero.Service.Keys;
using Deutero.Service.Models;
using Deutero.Service.Storage;
using Deutero.Service.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Deutero.Service;

/// <summary>The adaptation service: models that learn a user's own classes from a few examples, over HTTP.</summary>
public sealed class AdaptationService : IAsyncDisposable
{
    private readonly WebApplication _application;

    private AdaptationService(WebApplication application) => _application = application;

    /// <summary>The addresses that the service listens at, with the ports that it was given.</summary>
    public IReadOnlyList<string> Urls => [.. _application.Urls];

    internal IServiceProvider Services => _application.Services;

    /// <summary>Starts the service.</summary>
    /// <param name="settings">How it runs.</param>
    /// <param name="models">The models that it begins with, which it disposes.</param>
    /// <param name="cancellation">Gives the start up.</param>
    /// <exception cref="ArgumentException">
    /// An address can be reached from other machines, but there is no key; it begins with https, but there is no certificate, or the other way round; or a model that
    /// was loaded earlier is gone.
    /// </exception>
    /// <exception cref="IOException">An address is taken, or the database cannot be written or reached.</exception>
    public static async Task<AdaptationService> Start(ServiceSettings settings, IReadOnlyList<ServedModel> models, CancellationToken cancellation = default)
    {
        WebApplication? application = null;
        try
        {
            RequireCertificate(settings);
            application = Built(settings);
            var registry = application.Services.GetRequiredService<ModelRegistry>();
            foreach (var model in models)
            {
                registry.Put(model);
            }

            Ready(application.Services, settings);
            await application.StartAsync(cancellation);
            return new(application);
        }
        catch
        {
            await (application?.DisposeAsync() ?? default);
            foreach (var model in models)
            {
                model.Dispose();
            }

            throw;
        }
    }

    /// <summary>Ends the service when asked to, after the requests that run have been answered.</summary>
    /// <param name="cancellation">Asks the service to end.</param>
    public async Task Run(CancellationToken cancellation)
    {
        var ended = new TaskCompletionSource();
        await using var registration = cancellation.Register(ended.SetResult);
        await ended.Task;
        await _application.StopAsync(CancellationToken.None);
    }

    /// <summary>Serves a model, in place of the one of its name where there is one; requests that run keep that.</summary>
    /// <param name="model">The model, which the service disposes.</param>
    public void Load(ServedModel model) => _application.Services.GetRequiredService<ModelRegistry>().Put(model);

    /// <summary>Serves a model no longer; requests that run keep it.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>Whether there was one of that name.</returns>
    public bool Retire(string name) => _application.Services.GetRequiredService<ModelRegistry>().Retire(name);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private static WebApplication Built(ServiceSettings settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls([.. settings.Urls]).UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.ConfigureHttpsDefaults(https =>
            {
                https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
                (https.ServerCertificate, https.ServerCertificateChain) = (settings.Certificate?.Own, settings.Certificate?.Others);
            });
            kestrel.AddServerHeader = false;
            kestrel.RequestHeaderEncodingSelector = _ => System.Text.Encoding.Latin1; // any byte: what is wrong with it is ours to say
            kestrel.Limits.MaxRequestBodySize = settings.MaxBodyBytes;
        });
        builder.Logging.ClearProviders().AddJsonConsole().SetMinimumLevel(LogLevel.Warning).AddFilter("Deutero", LogLevel.Information);
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        Register(builder.Services, settings);
        var application = builder.Build();
        application.UseMiddleware<Measured>();
        application.UseMiddleware<ProblemAnswers>();
        Explorer.Use(application);
        application.UseRouting();
        application.UseMiddleware<Gate>();
        Routes.Map(application);
        return application;
    }

    private static void Ready(IServiceProvider services, ServiceSettings settings)
    {
        if (!services.GetRequiredService<KeyStore>().Any && settings.Urls.FirstOrDefault(url => !Gate.IsThisMachine(BindingAddress.Parse(url).Host)) is { } exposed)
        {
            throw new ArgumentException($"{exposed} can be reached from other machines, but there is no key yet: make one with 'deutero keys create'.");
        }

        services.GetRequiredService<ModelChanges>().Restore();
        services.GetRequiredService<PrometheusText>(); // listens from the first request on
        services.GetRequiredService<ServiceTelemetry>().Observe(
            services.GetRequiredService<InferenceWorkers>(), services.GetRequiredService<ModelRegistry>(), services.GetRequiredService<ClassifierCache>());
    }

    private static void RequireCertificate(ServiceSettings settings)
    {
        var secure = settings.Urls.FirstOrDefault(url => url.StartsWith("https:", StringComparison.OrdinalIgnoreCase));
        if (secure is not null && settings.Certificate is null)
        {
            throw new ArgumentException($"{secure} needs a certificate: give one with --certificate.");
        }

        if (secure is null && settings.Certificate is not null)
        {
            throw new ArgumentException($"A certificate was given, but no address begins with https: {string.Join(", ", settings.Urls)}.");
        }
    }

    private static void Register(IServiceCollection services, ServiceSettings settings)
    {
        services.AddRouting();
        services.AddOpenApi("v1", ServiceDocument.Describe);
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.ConfigureHttpJsonOptions(options => options.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.CamelCase);
        services.AddSingleton(settings).AddSingleton(TimeProvider.System);
        services.AddSingleton(provider => Database.Open(settings.Store));
        services.AddSingleton<KeyStore>().AddSingleton<AuditLog>().AddSingleton<AdaptationStore>();
        services.AddSingleton<ModelRegistry>().AddSingleton<AdaptationEngine>().AddSingleton<AnswerExplanations>();
        services.AddSingleton(provider => new ClassifierCache(settings, provider.GetRequiredService<ModelRegistry>()));
        services.AddSingleton(_ => new InferenceWorkers(settings));
        services.AddHostedService<DeletedElsewhere>();
        services.AddSingleton<PredictionBatches>().AddSingleton<ModelStore>().AddSingleton<ModelChanges>();
        services.AddSingleton<ServiceTelemetry>().AddSingleton<PrometheusText>();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromMinutes(2));
    }
}
