namespace Deutero.Service.Storage;

/// <summary>A stored example.</summary>
internal sealed record StoredExample(long Id, ExampleContent Content);
