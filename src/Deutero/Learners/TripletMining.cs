namespace Deutero.Learners;

/// <summary>Which triplets of an anchor, an example of its class and one of another class a loss is the mean over.</summary>
public enum TripletMining
{
    /// <summary>For each anchor the farthest example of its class and the nearest of another (Hermans, Beyer and Leibe, 2017).</summary>
    Hardest,

    /// <summary>For each pair of one class the nearest example of another class that is farther away than the pair is wide; the farthest one where none is (FaceNet's, 2015).</summary>
    SemiHard,

    /// <summary>All of them: as many as the cube of the number of examples.</summary>
    All,
}
