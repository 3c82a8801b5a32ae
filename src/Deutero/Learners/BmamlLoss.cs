namespace Deutero.Learners;

/// <summary>What <see cref="Bmaml"/> minimises in its outer loop.</summary>
public enum BmamlLoss
{
    /// <summary>The squared distance of the particles to where further steps, which see the query set too, lead them: the paper's.</summary>
    Chaser,

    /// <summary>−log of the mean over particles of the likelihood of the query set.</summary>
    Likelihood,
}
