namespace Deutero.Service.Tests;

/// <summary>How often something is repeated: a number that suits every run, or a larger one from the environment.</summary>
internal static class Figure
{
    internal static int Of(string variable, int usual) => int.TryParse(Environment.GetEnvironmentVariable(variable), out var number) ? number : usual;
}
