namespace Deutero.Service.Tests;

/// <summary>Tests that look at this process's memory, beside which no others run.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
