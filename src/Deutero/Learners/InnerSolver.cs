namespace Deutero.Learners;

/// <summary>How <see cref="ImplicitMaml"/> solves its inner problem: the meta-gradient depends on the solution alone, not on the way to it.</summary>
public enum InnerSolver
{
    /// <summary>Gradient descent.</summary>
    Descent,

    /// <summary>Gradient descent with a momentum of 0.9: fewer steps where the inner problem is badly conditioned.</summary>
    Momentum,

    /// <summary>Adam.</summary>
    Adam,

    /// <summary>
    /// Newton's method without a Hessian: conjugate gradients find the direction from Hessian-vector products, and a backtracking line search its
    /// length.
    /// </summary>
    HessianFree,
}
