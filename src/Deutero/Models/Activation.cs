namespace Deutero.Models;

/// <summary>The non-linearity between layers.</summary>
public enum Activation
{
    /// <summary>max(0, x).</summary>
    Relu,

    /// <summary>Hyperbolic tangent: smooth, so that finite differences can check second derivatives.</summary>
    Tanh,

    /// <summary>log(1 + exp x): a smooth ReLU.</summary>
    Softplus,

    /// <summary>x where it is positive, exp x − 1 elsewhere: smooth but for its curvature at 0.</summary>
    Elu,
}
