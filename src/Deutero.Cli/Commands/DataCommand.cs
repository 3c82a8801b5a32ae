using System.CommandLine;
using System.Text.Json.Nodes;
using Deutero.Cli.Terminal;
using Deutero.Data;

namespace Deutero.Cli.Commands;

/// <summary><c>deutero data</c>: which data sets there are, fetching them, and checking their files.</summary>
internal static class DataCommand
{
    private const string BuiltIn = "glyphs";

    private static readonly Argument<string> s_name = new("name") { Description = "A data set, for example omniglot." };

    private static readonly Argument<string?> s_optionalName = new("name")
    {
        Description = "A data set; all that are there where left out.", Arity = ArgumentArity.ZeroOrOne,
    };

    internal static Command Create() => new Command("data", "List, fetch, verify and export data sets.")
    {
        new Command("list", "List the data sets, and where they are on this machine.") { SharedOptions.Data, SharedOptions.Json }.Runs(List),
        new Command("fetch", "Download a data set from its authors; every file is checked before it gets its name.")
        {
            s_name, SharedOptions.Data, SharedOptions.Json,
        }.Explained("""
            Without --data the files go to the cache. What is there already, and right, is not downloaded again.

            Example:
              deutero data fetch omniglot
            """).Runs(Fetch),
        new Command("verify", "Compare every file with its checksum.") { s_optionalName, SharedOptions.Data, SharedOptions.Json }.Explained("""
            A damaged file ends with exit code 3; so does a missing one where the data set is named.

            Example:
              deutero data verify omniglot
            """).Runs(Verify),
        DataExport.Create(),
    }.Explained("""
        Data sets are looked for in --data alone, or else in DEUTERO_DATA, ../shared/data, the cache (~/.cache/deutero) and
        /usr/share/datasets, where Debian's packages of data sets are.

        Examples:
          deutero data list
          deutero data fetch omniglot
          deutero data verify
        """);

    /// <summary>All data sets with where they are.</summary>
    /// <param name="folder">The user's data folder, or <see langword="null"/>.</param>
    internal static TextTable Table(string? folder)
    {
        var location = DataLocation.Resolve(folder);
        return new TextTable
        {
            Columns = ["name", "what it holds", "licence", "state", "where"],
            Rows =
            [
                [BuiltIn, "printed characters of many scripts, 28x28, in three splits of scripts", "see its card", "built in", ""],
                .. DataSets.All.Select(set => Row(set, location)),
            ],
        };
    }

    private static string[] Row(DataSet set, DataLocation location)
    {
        var found = set.Files.Select(file => location.Folders.FirstOrDefault(place => File.Exists(Path.Combine(place, file.Path)))).ToArray();
        var count = found.Count(place => place is not null);
        var state = count == set.Files.Count ? "present"
            : count > 0 ? $"{count} of {set.Files.Count} files"
            : set.CanBeFetched ? "absent; can be fetched" : "absent";
        var folder = found.FirstOrDefault(place => place is not null);
        return [set.Name, set.Description, set.Licence, state, folder is null ? "" : Path.Combine(folder, set.Name)];
    }

    private static int List(ParseResult arguments, CancellationToken cancellation)
    {
        var table = Table(arguments.GetValue(SharedOptions.Data));
        Console.Write(arguments.GetValue(SharedOptions.Json) ? JsonText.Of(table).ToJsonString(JsonText.Indented) + "\n" : table.Render());
        return ExitCodes.Done;
    }

    private static int Fetch(ParseResult arguments, CancellationToken cancellation)
    {
        var name = arguments.GetValue(s_name)!;
        if (name == BuiltIn)
        {
            throw new ArgumentException($"{BuiltIn} is built in: there is nothing to fetch.");
        }

        var set = DataSets.Find(name);
        var destination = arguments.GetValue(SharedOptions.Data) is { } folder ? Path.GetFullPath(folder) : DataLocation.CacheFolder;
        using var handler = new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(15) };
        using var client = new HttpClient(handler);
        IReadOnlyList<DataFile> fetched;
        using (var writer = ProgressWriter.ForStandardError(TimeSpan.FromSeconds(5)))
        {
            Console.Error.WriteLine($"{set.Title}, licence {set.Licence}, into {destination}");
            fetched = set.FetchAsync(client, destination, new Arrivals(writer), cancellation).GetAwaiter().GetResult();
        }

        Console.WriteLine(arguments.GetValue(SharedOptions.Json)
            ? new JsonObject
            {
                ["name"] = set.Name, ["folder"] = Path.Combine(destination, set.Name), ["files"] = new JsonArray([.. fetched.Select(file => (JsonNode)file.Path)]),
            }.ToJsonString(JsonText.Indented)
            : $"{set.Name}: {fetched.Count} of {set.Files.Count} files are in {Path.Combine(destination, set.Name)}; "
                + "the others are derived from them or have no address.");
        return ExitCodes.Done;
    }

    private static int Verify(ParseResult arguments, CancellationToken cancellation)
    {
        var name = arguments.GetValue(s_optionalName);
        if (name == BuiltIn)
        {
            throw new ArgumentException($"{BuiltIn} is built in: there is nothing to verify.");
        }

        var location = DataLocation.Resolve(arguments.GetValue(SharedOptions.Data));
        var sets = name is null ? DataSets.All : [DataSets.Find(name)];
        var checks = new List<FileCheck>();
        foreach (var set in sets)
        {
            cancellation.ThrowIfCancellationRequested();
            checks.AddRange(set.Verify(location).Where(check => name is not null || check.State != FileState.Missing));
        }

        Print(checks, arguments.GetValue(SharedOptions.Json), location);
        return checks.All(check => check.State == FileState.Ok) ? ExitCodes.Done : ExitCodes.CheckFailed;
    }

    private static void Print(List<FileCheck> checks, bool json, DataLocation location)
    {
        static string State(FileCheck check) => check.State switch { FileState.Ok => "ok", FileState.Missing => "missing", _ => "damaged" };
        if (json)
        {
            Console.WriteLine(new JsonArray([.. checks.Select(check => (JsonNode)new JsonObject
            {
                ["file"] = check.File.Path, ["state"] = State(check), ["foundAt"] = check.FoundAt,
            })]).ToJsonString(JsonText.Indented));
            return;
        }

        var rows = checks.Select(check => (string[])[check.File.Path, State(check), check.FoundAt ?? ""]);
        Console.Write(new TextTable { Columns = ["file", "state", "found at"], Rows = [.. rows] }.Render());
        var wrong = checks.Count(check => check.State != FileState.Ok);
        Console.WriteLine(checks.Count == 0 ? $"No data set is in {string.Join(", ", location.Folders)}."
            : wrong == 0 ? $"Files checked: {checks.Count}; all are as published."
            : $"Files checked: {checks.Count}; missing or damaged: {wrong}: remove damaged ones and run 'deutero data fetch NAME', or copy them again.");
    }

    private sealed class Arrivals(ProgressWriter writer) : IProgress<FetchProgress>
    {
        private DataFile? _file;

        public void Report(FetchProgress value)
        {
            if (_file != value.File)
            {
                _file = value.File;
                writer.WriteLine($"  {value.File.Path}, {value.File.Bytes:N0} bytes");
            }
        }
    }
}
