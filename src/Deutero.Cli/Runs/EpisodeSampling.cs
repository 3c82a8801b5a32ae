namespace Deutero.Cli.Runs;

/// <summary>How the classes of an episode and their shots are chosen.</summary>
public enum EpisodeSampling
{
    /// <summary>The set number of ways and shots, of any classes.</summary>
    Fixed,

    /// <summary>The set number of ways and shots, of classes of one group, such as an alphabet.</summary>
    WithinGroups,

    /// <summary>Meta-Dataset's rules: ways and shots vary.</summary>
    MetaDataset,
}
