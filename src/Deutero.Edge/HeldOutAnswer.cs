namespace Deutero.Edge;

/// <summary>What a model said about a query of a held-out task; the label is -1 for a query of none of the support set's classes.</summary>
internal sealed record HeldOutAnswer(double[] Logits, int Label)
{
    internal double Score(AbstentionScore score, double temperature) =>
        Answers.Score(score, Logits.Max(), score == AbstentionScore.Probability ? Answers.Softmax(Logits, temperature).Max() : 0);
}
