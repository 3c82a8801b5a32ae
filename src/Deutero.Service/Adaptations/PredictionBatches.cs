using Deutero.Edge;
using Deutero.Service.Models;

namespace Deutero.Service.Adaptations;

/// <summary>
/// Predictions that wait for a worker together are made in one pass through their model. Nothing waits for others to come: a request that finds a worker
/// free is answered alone.
/// </summary>
internal sealed class PredictionBatches(InferenceWorkers workers, ServiceTelemetry telemetry)
{
    private const int MostRequests = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<object, List<Request>> _gathering = [];

    /// <summary>Predicts on a worker, and lets other requests for the same model join until one begins.</summary>
    /// <param name="key">What the classifier was adapted from.</param>
    /// <param name="classifier">Holds on to the classifier; runs on the worker.</param>
    /// <param name="items">Reads the items; runs on the worker.</param>
    /// <param name="cancellation">Gives the request up, as long as it waits.</param>
    internal Task<IReadOnlyList<Prediction>> Predict(
        ClassifierCache.Key key, Func<Holding<AdaptedClassifier>> classifier, Func<float[][]> items, CancellationToken cancellation)
    {
        workers.Enter();
        var request = new Request(key, classifier, items, cancellation);
        var model = key.Model.Model;

        // Classifiers that share an embedding go through it together; of others, only requests for the same one; and none where items are not apart.
        var together = model.SharesEmbedding ? model : model.ItemsApart ? key : new object();
        lock (_lock)
        {
            if (_gathering.TryGetValue(together, out var waiting) && waiting.Count < MostRequests)
            {
                waiting.Add(request);
                return request.Done.Task;
            }

            var batch = new List<Request> { request };
            _gathering[together] = batch;
            workers.Post(() => Run(together, batch));
        }

        return request.Done.Task;
    }

    private void Run(object together, List<Request> batch)
    {
        lock (_lock)
        {
            if (_gathering.TryGetValue(together, out var gathering) && gathering == batch)
            {
                _gathering.Remove(together);
            }
        }

        workers.Leave(batch.Count);
        var held = new Dictionary<ClassifierCache.Key, Holding<AdaptedClassifier>>();
        try
        {
            Answer([.. batch.Select(request => request.Prepared(held)).OfType<(Request Request, AdaptedClassifier Classifier, float[][] Items)>()]);
        }
        finally
        {
            foreach (var holding in held.Values)
            {
                holding.Dispose();
            }
        }
    }

    private void Answer((Request Request, AdaptedClassifier Classifier, float[][] Items)[] prepared)
    {
        try
        {
            var answers = AdaptedClassifier.Predict([.. prepared.SelectMany(one => one.Items.Select(item => (one.Classifier, item)))]);
            telemetry.Predicted(answers.Count, prepared.Length);
            var first = 0;
            foreach (var (request, _, items) in prepared)
            {
                request.Done.SetResult([.. answers.Skip(first).Take(items.Length)]);
                first += items.Length;
            }
        }
        catch (Exception failure)
        {
            foreach (var (request, _, _) in prepared)
            {
                request.Done.TrySetException(failure);
            }
        }
    }

    private sealed record Request(
        ClassifierCache.Key Key, Func<Holding<AdaptedClassifier>> Classifier, Func<float[][]> Items, CancellationToken Cancellation)
    {
        internal TaskCompletionSource<IReadOnlyList<Prediction>> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        // Null where the request has its answer already: a mistake in it is nobody else's.
        internal (Request Request, AdaptedClassifier Classifier, float[][] Items)? Prepared(Dictionary<ClassifierCache.Key, Holding<AdaptedClassifier>> held)
        {
            if (Cancellation.IsCancellationRequested)
            {
                Done.SetCanceled(Cancellation);
                return null;
            }

            try
            {
                var items = Items();
                if (!held.TryGetValue(Key, out var classifier))
                {
                    held.Add(Key, classifier = Classifier());
                }

                return (this, classifier.Shared.Value, items);
            }
            catch (Exception failure) when (Done.TrySetException(failure))
            {
                return null;
            }
        }
    }
}
