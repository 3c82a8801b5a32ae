namespace Deutero.Data;

/// <summary>What a check of a data file found.</summary>
public enum FileState
{
    /// <summary>The file is there and its content is right.</summary>
    Ok,

    /// <summary>The file is in none of the places.</summary>
    Missing,

    /// <summary>The file is there and its content is not what the catalogue says.</summary>
    WrongChecksum,
}
