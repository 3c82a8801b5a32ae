namespace Deutero.Data;

/// <summary>One of Lake's 20 official one-shot runs: 20 characters of one alphabet, from one drawer to recognise in another's.</summary>
/// <param name="Name">The run, for example <c>run07</c>.</param>
/// <param name="Size">Pixels a side.</param>
/// <param name="Training">One image for each of the 20 classes, <c>[20][size · size]</c>, row-major, in [0, 1], ink high.</param>
/// <param name="Test">The 20 images to recognise, of the same form.</param>
/// <param name="Answers">For each test image its class, an index into <paramref name="Training"/>.</param>
public sealed record OneShotRun(
    string Name, int Size, IReadOnlyList<float[]> Training, IReadOnlyList<float[]> Test, IReadOnlyList<int> Answers);
