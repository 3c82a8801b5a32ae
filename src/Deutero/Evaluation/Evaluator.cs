using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;
using Deutero.Torch.Distributed;
using Deutero.Training;

namespace Deutero.Evaluation;

/// <summary>Judges a learner on a frozen list of episodes.</summary>
public sealed record Evaluator
{
    /// <summary>.NET threads that run episodes; default 1.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Whether all queries of an episode are predicted in one batch; false predicts them one by one; default true.</summary>
    public bool QueriesTogether { get; init; } = true;

    /// <summary>The element type of the computation; default Float32.</summary>
    public DType DType { get; init; } = DType.Float32;

    /// <summary>The processes that share the episodes; default null: this process runs all of them.</summary>
    public ProcessGroup? Group { get; init; }

    /// <summary>Adapts to each episode's support set and scores the predictions on its query set.</summary>
    /// <param name="learner">The algorithm.</param>
    /// <param name="model">The architecture, with its running statistics where its BatchNorm policy asks for them.</param>
    /// <param name="theta">The meta-parameters.</param>
    /// <param name="episodes">The frozen list.</param>
    /// <param name="progress">Told the number of episodes done.</param>
    /// <param name="cancellation">Stops between episodes.</param>
    /// <exception cref="ArgumentException">An episode's support and query sets share an item, or hold a label outside of its ways.</exception>
    /// <exception cref="OperationCanceledException">The evaluation was cancelled, in this process or another of the group.</exception>
    /// <exception cref="DistributedException">Another process of the group was lost.</exception>
    public EvaluationResult Run(
        IMetaLearner learner, IModel model, Parameters theta, FrozenEpisodes episodes, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        var own = Enumerable.Range(0, episodes.Count).Where(index => Group is null || Group.Owns(index)).ToArray();
        var results = new EpisodeResult[own.Length];
        var done = 0;
        var classification = false;
        var cancelled = false;
        void Run(int place)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            using var noGrad = Autograd.NoGrad();
            var index = own[place];
            var episode = episodes[index].To(DType);
            EpisodeGuard.Check(episode);
            using var random = Generator.Seed(episodes.Seed).Derive(index, 1); // path (index) drew the episode itself
            var adaptation = learner.Adapt(model, theta, episode.Support, random);
            results[place] = Score(index, episode, adaptation, episodes.Source.Metric);
            classification = episode.Support.IsClassification;
            progress?.Report(Math.Min(episodes.Count, Interlocked.Increment(ref done) * (Group?.Size ?? 1)));
        }

        try
        {
            RunAll(own.Length, Run);
        }
        catch (OperationCanceledException) when (Group is not null)
        {
            cancelled = true; // the others wait for this process's part, and stop with it
        }

        var share = new EpisodeShare(cancelled ? [] : results, classification, cancelled);
        var all = Group is null ? share : share.Over(Group);
        var transductive = QueriesTogether
            && (model.BatchNorm is BatchNormPolicy.Split or BatchNormPolicy.Episode || learner.GetType().IsDefined(typeof(TransductiveAttribute), inherit: false));
        return new(
            learner.GetType().Name, episodes.Source.Name, NameOf(episodes.Source.Metric, all.Classification), model.BatchNorm, transductive, episodes.Seed,
            FrozenEpisodes.HashOf(all.Episodes.Select(result => result.Identity)), all.Episodes);
    }

    /// <summary>The fraction of rows whose largest logit is at the label.</summary>
    /// <param name="logits">Shape <c>[..., N, ways]</c>.</param>
    /// <param name="labels">Shape <c>[..., N]</c>.</param>
    public static double Accuracy(Tensor logits, Tensor labels) => logits.Argmax(-1).Eq(labels).To(DType.Float64).Mean().ToDouble();

    /// <summary>The area under the ROC curve: the fraction of pairs of a query of class 1 and one of class 0 that are ranked rightly, ties counting half.</summary>
    /// <param name="logits">Shape <c>[N, 2]</c>; queries are ranked by the second minus the first.</param>
    /// <param name="labels">Shape <c>[N]</c>, 0 or 1.</param>
    /// <exception cref="ArgumentException">There are not two classes, or one of them has no query.</exception>
    public static double RocAuc(Tensor logits, Tensor labels)
    {
        if (logits.Rank != 2 || logits.Size(1) != 2)
        {
            throw new ArgumentException($"The area under a ROC curve needs logits of two classes, [N, 2], but found [{string.Join(", ", logits.Shape)}].");
        }

        var scores = logits.To(DType.Float64).ToArray<double>().Chunk(2).Select(row => row[1] - row[0]).ToArray();
        var truth = labels.ToArray<long>();
        var order = Enumerable.Range(0, truth.Length).OrderBy(i => scores[i]).ToArray();
        var (rankSum, positives) = (0.0, truth.Count(label => label == 1));
        for (int start = 0, end; start < order.Length; start = end)
        {
            end = start + 1;
            while (end < order.Length && scores[order[end]] == scores[order[start]])
            {
                end++;
            }

            // Ranks start + 1 to end are tied: each counts as their mean.
            rankSum += order[start..end].Count(i => truth[i] == 1) * (start + 1 + end) / 2.0;
        }

        var negatives = truth.Length - positives;
        return positives > 0 && negatives > 0
            ? (rankSum - (positives * (positives + 1.0) / 2)) / ((double)positives * negatives)
            : throw new ArgumentException($"The area under a ROC curve needs queries of both classes but found {negatives} of class 0 and {positives} of class 1.");
    }

    private static string NameOf(Metric metric, bool isClassification) =>
        metric == Metric.RocAuc ? "ROC-AUC" : isClassification ? "accuracy" : "mean squared error";

    private void RunAll(int count, Action<int> run)
    {
        if (Threads > 1)
        {
            ParallelTasks.Run(count, Threads, run);
            return;
        }

        for (var i = 0; i < count; i++)
        {
            run(i);
        }
    }

    private EpisodeResult Score(int index, Episode episode, Adaptation adaptation, Metric metric)
    {
        var curve = new List<double>();
        var loss = double.NaN;
        Tensor? last = null;
        foreach (var predictions in Along(adaptation.Path, episode.Query.Inputs))
        {
            last = predictions;
            loss = Objectives.Standard(predictions, episode.Query).ToDouble();
            curve.Add(
                metric == Metric.RocAuc ? RocAuc(predictions, episode.Query.Targets)
                : episode.Query.IsClassification ? Accuracy(predictions, episode.Query.Targets) : loss);
        }

        var forecasts = episode.Query.IsClassification ? Forecasts.Of(last!, episode.Query.Targets) : null;
        return new(index, curve[^1], loss, curve, episode.Identity) { Forecasts = forecasts, Source = episode.Source };
    }

    // Predictors with one embedding, such as those along a loop that adapts the last layer alone, embed the queries once.
    private IEnumerable<Tensor> Along(IReadOnlyList<Predictor> path, Tensor inputs)
    {
        (Parameters? body, Tensor? features) = (null, null);
        foreach (var predictor in path)
        {
            if (!QueriesTogether || predictor.Target is not FeaturePredictor split)
            {
                yield return Predict(predictor, inputs);
                continue;
            }

            if (!ReferenceEquals(split.Parameters, body))
            {
                (body, features) = (split.Parameters, split.Embed(inputs));
            }

            yield return split.Head(features!);
        }
    }

    private Tensor Predict(Predictor predictor, Tensor inputs) =>
        QueriesTogether
            ? predictor(inputs)
            : Tensor.Cat([.. Enumerable.Range(0, (int)inputs.Size(0)).Select(i => predictor(inputs[i..(i + 1)]))]);
}
