namespace Deutero.Learners;

/// <summary>How the Hebbian part of a plastic connection changes with the activities at its ends.</summary>
public enum HebbianRule
{
    /// <summary>A running mean of their product: what is not seen again fades.</summary>
    Decay,

    /// <summary>Oja's rule: it stays bounded, and remains where the unit behind it is silent.</summary>
    Oja,
}
