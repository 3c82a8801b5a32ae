namespace Deutero.Cli.Configuration;

/// <summary>Where a value was written: a line of a file, or an argument.</summary>
/// <param name="Source">A file's name, or the argument itself.</param>
/// <param name="Line">The line, from 1; 0 where lines mean nothing.</param>
internal readonly record struct Origin(string Source, int Line)
{
    public override string ToString() => Line > 0 ? $"in {Source} line {Line}" : $"in {Source}";
}
