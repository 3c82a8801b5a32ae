using System.Diagnostics;
using System.Security.Cryptography;
using Deutero.Client;
using Deutero.Edge;
using Deutero.Service.Models;
using Deutero.Service.Storage;
using Deutero.Service.Web;

namespace Deutero.Service.Adaptations;

/// <summary>What the service does: makes, changes, asks and deletes adaptations.</summary>
internal sealed class AdaptationEngine(
    ServiceSettings settings, ModelRegistry models, AdaptationStore store, InferenceWorkers workers, ClassifierCache cache,
    PredictionBatches batches, ServiceTelemetry telemetry)
{
    internal Task<AdaptationState> Create(Actor actor, NewAdaptation request, CancellationToken cancellation, Action<AdaptationProgress>? progress = null)
    {
        SupportSets.RequireName(request.Name, "name", shortest: 0);
        var polarity = ItemReader.Polarity(request.Invert);
        return WithModel(request.Model, async model =>
        {
            var content = SupportSets.Of(request.Classes, model.Model.Input, polarity, settings);
            var support = SupportOf(content, new Dictionary<long, StoredExample>(), model);
            var warnings = Warnings(model, support, progress);
            using var adapted = new Holding<AdaptedClassifier>(Adapt(model, support, progress));
            var id = RandomNumberGenerator.GetHexString(32, lowercase: true);
            var written = await store.Create(actor, id, request.Name, model.Name, model.Version, content);
            Keep(KeyOf(written.Version, model), adapted);
            return State(written, model) with { Warnings = warnings };
        }, cancellation);
    }

    internal Task<AdaptationState> Change(Actor actor, string id, Change change, CancellationToken cancellation, Action<AdaptationProgress>? progress = null)
    {
        var parent = Required(actor, id, version: null);
        if (change.Base is { } based && based != parent.Version)
        {
            throw ServiceProblem.Conflict($"Version {based} was to be changed, but version {parent.Version} is current.");
        }

        var polarity = ItemReader.Polarity(change.Invert);
        return WithModel(parent.Model, async model =>
        {
            var content = SupportSets.Changed(parent, change, model.Model.Input, polarity, settings);
            var support = SupportOf(content, store.Examples(parent), model);
            var warnings = Warnings(model, support, progress);
            using var adapted = new Holding<AdaptedClassifier>(Adapt(model, support, progress));
            var written = await store.Append(actor, parent, model.Version, content);
            Keep(KeyOf(written.Version, model), adapted);
            return State(written, model) with { Warnings = warnings };
        }, cancellation);
    }

    internal async Task<Predictions> Predict(Actor actor, string id, NewPredictions request, CancellationToken cancellation)
    {
        if (request.Items is null or [] || request.Items.Count > settings.MaxItems)
        {
            throw ServiceProblem.Invalid($"items must hold 1 to {settings.MaxItems} items.");
        }

        var polarity = ItemReader.Polarity(request.Invert);
        var version = Required(actor, id, request.Version);
        using var activity = telemetry.Begin("predict", version.Model, request.Items.Count);
        using var held = Held(version.Model);
        var model = held.Shared.Value;
        var predictions = await batches.Predict(
            KeyOf(version, model), () => Classifier(version, model),
            () => [.. request.Items.Select((item, i) => ItemReader.Read(item, model.Model.Input, polarity, $"Item {i + 1}"))], cancellation);
        string[] classes = [.. version.Classes.Select(one => one.Name)];
        return new(id, version.Version, model.Name, model.Version, model.Model.Calibration is not null, [.. predictions.Select(prediction => Answer(classes, Under(request.Threshold, prediction)))]);
    }

    internal AdaptationState Show(Actor actor, string id, int? version)
    {
        var stored = Required(actor, id, version);
        var examples = store.Examples(stored);
        var model = models.All.FirstOrDefault(served => served.Name == stored.Model);
        return State(stored, model?.Version ?? "", id => new(id, examples[id].Content.Hash, examples[id].Content.Said));
    }

    internal VersionList Versions(Actor actor, string id)
    {
        var versions = store.Versions(actor.Tenant, id);
        return versions.Count == 0 ? throw NoAdaptation(id) : new(id, versions[0].Current, [.. versions.Select(one => new VersionState(
            one.Version, one.Parent, one.Created, one.ModelVersion, one.Classes.Count, one.Classes.Sum(members => members.Examples.Count)))]);
    }

    internal AdaptationList List(Actor actor, string after, int count)
    {
        var rows = store.List(actor.Tenant, after, count + 1);
        var page = rows.Take(count).Select(row => new AdaptationSummary(row.Id, row.Name, row.Model, row.Current, row.Created)).ToArray();
        return new(page, rows.Count > count ? page[^1].Id : null);
    }

    internal Task<AdaptationState> RollBack(Actor actor, string id, Rollback request, CancellationToken cancellation)
    {
        var target = Required(actor, id, request.Version);
        return WithModel(target.Model, async model =>
        {
            // A version that cannot be adapted to any more, because too much of it was deleted, is not made current.
            using var adapted = Classifier(target, model);
            return State(await store.RollBack(actor, target), model);
        }, cancellation);
    }

    internal void Erase(Actor actor, string id, long example)
    {
        store.Erase(actor, Required(actor, id, version: null), example);
        cache.DropAdaptation(id);
    }

    internal void Delete(Actor actor, string id)
    {
        if (!store.Delete(actor, id))
        {
            throw NoAdaptation(id);
        }

        cache.DropAdaptation(id);
    }

    internal static PredictionState Answer(IReadOnlyList<string> classes, Prediction prediction) => new(
        prediction.Abstained ? null : classes[prediction.Class], prediction.Probability, prediction.Abstained,
        classes.Zip(prediction.Probabilities).ToDictionary(pair => pair.First, pair => pair.Second), prediction.Score);

    private static SupportClass[] SupportOf(IReadOnlyList<ClassContent> content, IReadOnlyDictionary<long, StoredExample> stored, ServedModel model) =>
        [.. content.Select(one => new SupportClass(
            one.Name, [.. one.Kept.Select(id => ItemReader.Read(stored[id], model.Model.Input)), .. one.Added.Select(example => example.Values)]))];

    /// <summary>The support set of a version as a model takes it.</summary>
    /// <exception cref="ServiceProblem">An example does not fit the model, or was deleted meanwhile.</exception>
    internal SupportClass[] Support(StoredVersion version, ServedModel model) =>
        SupportOf([.. version.Classes.Select(one => new ClassContent(one.Name, one.Examples, []))], store.Examples(version), model);

    private static Prediction Under(double? threshold, Prediction prediction) =>
        threshold is { } least ? prediction with { Abstained = prediction.Score < least } : prediction;

    private IReadOnlyList<string> Warnings(ServedModel model, IReadOnlyList<SupportClass> support, Action<AdaptationProgress>? progress)
    {
        // What is refused is refused before the first event, so that its status can still say so.
        var warnings = SupportWarnings.Of(model.Model, support, settings);
        var examples = support.Sum(one => one.Examples.Count);
        progress?.Invoke(new("examples", examples, examples));
        return warnings;
    }

    private Shared<AdaptedClassifier> Adapt(ServedModel model, IReadOnlyList<SupportClass> support, Action<AdaptationProgress>? progress = null)
    {
        var examples = support.Sum(one => one.Examples.Count);
        var started = Stopwatch.GetTimestamp();
        try
        {
            var classifier = new Shared<AdaptedClassifier>(model.Model.Adapt(support, progress is null ? null : (done, of) => progress(new("steps", done, of))));
            telemetry.Adapted(model.Name, Stopwatch.GetElapsedTime(started));
            progress?.Invoke(new("adapted", examples, examples));
            return classifier;
        }
        catch (ArgumentException mistake)
        {
            throw ServiceProblem.Invalid(mistake.Message);
        }
    }

    private static ClassifierCache.Key KeyOf(StoredVersion version, ServedModel model) => new(version.Id, version.Version, version.Revision, model);

    private static ServiceProblem NoAdaptation(string id) => ServiceProblem.NotFound($"There is no adaptation {ItemReader.Shortened(id)}.");

    private Holding<AdaptedClassifier> Classifier(StoredVersion version, ServedModel model)
    {
        var key = KeyOf(version, model);
        if (cache.Hold(key) is { } known)
        {
            return new(known);
        }

        try
        {
            var adapted = new Holding<AdaptedClassifier>(Adapt(model, Support(version, model)));
            Keep(key, adapted);
            return adapted;
        }
        catch (ServiceProblem problem) when (problem.Status == 400)
        {
            throw Unfit(version, problem);
        }
    }

    // An example may have been deleted while this was adapted: after the deletion was written, its state is not kept.
    private void Keep(ClassifierCache.Key key, Holding<AdaptedClassifier> adapted)
    {
        cache.Put(key, adapted.Shared);
        cache.DropOlder([key.Adaptation], store.Revisions([key.Adaptation]));
    }

    internal static ServiceProblem Unfit(StoredVersion version, Exception mistake) =>
        ServiceProblem.Conflict($"Version {version.Version} does not fit the model any more: {mistake.Message}");

    private Holding<ServedModel> Held(string name) =>
        new(models.Hold(name ?? "") ?? throw ServiceProblem.NotFound($"There is no model '{ItemReader.Shortened(name ?? "")}'."));

    internal Task<T> WithModel<T>(string name, Func<ServedModel, T> work, CancellationToken cancellation) =>
        WithModel(name, model => Task.FromResult(work(model)), cancellation);

    // Decoding, adapting and predicting all run on a worker, so that a full queue refuses all of them; a worker does not wait for the disk.
    internal async Task<T> WithModel<T>(string name, Func<ServedModel, Task<T>> work, CancellationToken cancellation)
    {
        using var activity = telemetry.Begin("adapt", name);
        using var model = Held(name);
        return await await workers.Run(() => work(model.Shared.Value), cancellation);
    }

    internal StoredVersion Required(Actor actor, string id, int? version) => store.Find(actor.Tenant, id, version) ?? throw (version is null
        ? NoAdaptation(id)
        : ServiceProblem.NotFound($"There is no version {version} of an adaptation {ItemReader.Shortened(id)}."));

    private static AdaptationState State(WrittenVersion written, ServedModel model) =>
        State(written.Version, model.Version, id => new(id, written.Hashes[id], null));

    private static AdaptationState State(StoredVersion stored, string modelVersion, Func<long, ExampleState> example) => new(
        stored.Id, stored.Name, stored.Model, modelVersion, stored.Version, stored.Current, stored.Created,
        [.. stored.Classes.Select(one => new ClassState(one.Name, [.. one.Examples.Select(example)]))], []);
}
