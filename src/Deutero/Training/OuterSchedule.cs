namespace Deutero.Training;

/// <summary>How the outer learning rate changes over a run.</summary>
public enum OuterSchedule
{
    /// <summary>It stays.</summary>
    Constant,

    /// <summary>A straight line to the final rate: Reptile's decay from 1 to 0.</summary>
    Linear,

    /// <summary>Half a cosine to the final rate.</summary>
    Cosine,

    /// <summary>Halved at regular intervals: the recipe of prototypical networks.</summary>
    Halving,
}
