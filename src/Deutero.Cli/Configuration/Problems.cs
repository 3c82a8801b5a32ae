namespace Deutero.Cli.Configuration;

/// <summary>The mistakes found so far: a configuration is read to its end, so that all of them can be mended at once.</summary>
internal sealed class Problems
{
    // Past this many, the file is not what its author thinks it is, and a longer list helps nobody.
    private const int Reported = 40;

    private readonly List<string> _sentences = [];
    private int _found;

    /// <summary>Whether further sentences are only counted, so that it is not worth while to look for the nearest name.</summary>
    public bool IsFull => _sentences.Count == Reported;

    public void Add(string sentence)
    {
        _found++;
        if (_sentences.Count < Reported)
        {
            _sentences.Add(sentence);
        }
    }

    public void Add(string sentence, Origin origin) => Add($"{sentence} ({origin})");

    public void ThrowIfAny()
    {
        if (_found == 0)
        {
            return;
        }

        throw new ConfigurationException(_found == _sentences.Count
            ? _sentences
            : [.. _sentences, $"... and {_found - _sentences.Count} more."]);
    }
}
