namespace Deutero.Tests.Architecture;

/// <summary>The public surface of each library, compared with the list beside its project, so that a change of it is a decision.</summary>
public sealed class PublicApiTests
{
    private const string Accept = "DEUTERO_ACCEPT_API";

    public static TheoryData<string> Libraries => ArchitectureTests.Libraries;

    [Theory]
    [MemberData(nameof(Libraries))]
    public void Public_surface_is_the_accepted_one(string library)
    {
        var path = Path.Combine(Assemblies.Root, "src", library, "PublicApi.txt");
        var actual = PublicApi.Lines(Assemblies.Named(library)).ToArray();
        if (Environment.GetEnvironmentVariable(Accept) == "1")
        {
            File.WriteAllLines(path, actual);
        }

        var accepted = File.Exists(path) ? File.ReadAllLines(path) : [];
        var difference = accepted.Except(actual).Select(line => "- " + line).Concat(actual.Except(accepted).Select(line => "+ " + line)).ToArray();
        Assert.True(
            difference.Length == 0,
            $"The public surface of {library} changed:\n{string.Join('\n', difference)}\n" +
            $"If that is meant, accept it with: {Accept}=1 dotnet run --project tests/Deutero.Tests -- --filter-class \"*PublicApiTests\"");
    }
}
