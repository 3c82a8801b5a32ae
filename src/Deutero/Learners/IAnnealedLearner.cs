namespace Deutero.Learners;

/// <summary>A learner whose meta-gradient changes as meta-training goes on.</summary>
/// <remarks>
/// A learner holds no state: meta-training asks for the one of each iteration. The learner itself, with which a trained model is evaluated, is that of
/// the end of the annealing.
/// </remarks>
public interface IAnnealedLearner : IMetaLearner
{
    /// <summary>The learner for one outer update.</summary>
    /// <param name="iteration">Outer updates done, from 0.</param>
    /// <param name="iterations">Outer updates in all, more than <paramref name="iteration"/>.</param>
    IMetaLearner At(int iteration, int iterations);
}
