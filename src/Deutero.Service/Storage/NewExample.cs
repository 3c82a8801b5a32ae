namespace Deutero.Service.Storage;

/// <summary>An example that is to be stored, with what it is to the model.</summary>
internal sealed record NewExample(ExampleContent Content, float[] Values);
