namespace Deutero.Training;

/// <summary>The optimiser of the outer loop.</summary>
public enum OuterOptimiser
{
    /// <summary>Adam (Kingma and Ba, ICLR 2015).</summary>
    Adam,

    /// <summary>Adam with decoupled weight decay (Loshchilov and Hutter, ICLR 2019).</summary>
    AdamW,

    /// <summary>Stochastic gradient descent: Reptile's outer loop.</summary>
    Sgd,

    /// <summary>Stochastic gradient descent with heavy-ball momentum.</summary>
    Momentum,
}
