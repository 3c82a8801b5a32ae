using Deutero.Evaluation;

namespace Deutero.Data;

/// <summary>Makes few-shot data of texts.</summary>
internal static class TextData
{
    private const int FewestTexts = 2;

    /// <summary>Three pools of texts whose classes are split as told; features know the meta-training texts only.</summary>
    /// <param name="name">What the data are called in reports.</param>
    /// <param name="texts">The texts; those without a split are left out.</param>
    /// <param name="splitOf">The split of a class, or null.</param>
    /// <param name="options">How texts become numbers.</param>
    /// <param name="vectors">Vectors of words, or null.</param>
    internal static ClassData Of(string name, IReadOnlyCollection<LabelledText> texts, Func<string, Split?> splitOf, TextOptions options, WordVectors? vectors)
    {
        var splits = texts.ToLookup(text => splitOf(text.Label));
        var lonely = texts.GroupBy(text => text.Label).FirstOrDefault(group => group.Count() < FewestTexts);
        if (lonely is not null)
        {
            throw new DataFormatException($"{name} has {lonely.Count()} text of class '{lonely.Key}': a class needs at least {FewestTexts}, one to learn from and one to ask.");
        }

        var features = new TextFeatures([.. splits[Split.Train].Select(text => text.Text)], options, vectors);
        TextClasses Pool(Split split) => new($"{name}/{split.ToString().ToLowerInvariant()}", features, splits[split]);
        var data = new ClassData(name, Pool(Split.Train), Pool(Split.Validation), Pool(Split.Test)) { Texts = features };
        EpisodeGuard.RefuseClassOverlap(data.Train, data.Validation, data.Test);
        return data;
    }
}
