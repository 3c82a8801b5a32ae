using System.Net;
using System.Security.Cryptography;

namespace Deutero.Data.Tests;

public sealed class DataSetsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Every_data_set_says_whose_it_is_and_pins_its_files()
    {
        Assert.Equal(11, DataSets.All.Count);
        Assert.Equal(39, DataSets.All.Sum(set => set.Files.Count));
        Assert.All(DataSets.All, set => Assert.All(new[] { set.Title, set.Licence, set.Citation, set.Source }, text => Assert.NotEmpty(text)));
        Assert.All(DataSets.All.SelectMany(set => set.Files), file => Assert.Matches("^[0-9a-f]{64}$", file.Sha256));
        Assert.All(DataSets.All, set => Assert.All(set.Files, file => Assert.StartsWith(set.Name + "/", file.Path, StringComparison.Ordinal)));
    }

    [Fact]
    public void Files_on_this_machine_are_those_of_the_catalogue()
    {
        var location = DataLocation.Resolve(TestData.Folder(DataSets.Omniglot));
        Assert.All(DataSets.All.Where(set => set != DataSets.WordVectors && set != DataSets.FashionMnist).SelectMany(set => set.Verify(location)), check => Assert.Equal(FileState.Ok, check.State));
    }

    [Fact]
    public void Changed_byte_and_missing_file_are_found()
    {
        var set = SmallSet("content"u8.ToArray());
        var reports = new List<FileCheck>();
        Assert.Equal(FileState.Missing, Verify(set, reports));
        folder.Write("small/file.txt", "content"u8.ToArray());
        Assert.Equal(FileState.Ok, Verify(set, reports));
        folder.Write("small/file.txt", "cOntent"u8.ToArray());
        Assert.Equal(FileState.WrongChecksum, Verify(set, reports));
        Assert.Equal(3, reports.Count);
    }

    [Fact]
    public void Git_object_id_of_the_original_is_accepted_in_place_of_the_checksum()
    {
        // `printf 'hello\n' | git hash-object --stdin`
        var file = new DataFile("small/hello.txt", 1, new string('0', 64)) { UpstreamGitBlob = "ce013625030ba8dba906f756967f9e9ca394464a" };
        Assert.Equal(FileState.Ok, file.Check(folder.Write("hello.txt", "hello\n"u8.ToArray())));
        Assert.Equal(FileState.WrongChecksum, file.Check(folder.Write("hello.txt", "hallo\n"u8.ToArray())));
    }

    [Fact]
    public async Task Download_is_kept_only_if_its_content_is_right()
    {
        var set = SmallSet("content"u8.ToArray());
        var path = Path.Combine(folder.Path, "small", "file.txt");
        using (var wrong = new HttpClient(new Server("other"u8.ToArray())))
        {
            await Assert.ThrowsAsync<DataFormatException>(() => set.FetchAsync(wrong, folder.Path, null, TestContext.Current.CancellationToken));
            Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(path)!));
        }

        using var right = new HttpClient(new Server("content"u8.ToArray()));
        var fetched = await set.FetchAsync(right, folder.Path, null, TestContext.Current.CancellationToken);
        Assert.Equal("small/file.txt", Assert.Single(fetched).Path);
        Assert.Equal("content", await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public async Task Missing_network_is_said_in_one_sentence()
    {
        using var client = new HttpClient(new Server(null));
        var refusal = await Assert.ThrowsAsync<IOException>(
            () => SmallSet([1]).FetchAsync(client, folder.Path, null, TestContext.Current.CancellationToken));
        Assert.Contains("could not be downloaded (no route): without a network, copy the file to", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_set_without_an_original_says_so()
    {
        using var client = new HttpClient(new Server(null));
        var refusal = await Assert.ThrowsAsync<DataNotFoundException>(
            () => DataSets.TinyImageNet32.FetchAsync(client, folder.Path, null, TestContext.Current.CancellationToken));
        Assert.Contains("no original exists as one file", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nearest_name_is_suggested()
    {
        Assert.Same(DataSets.Omniglot, DataSets.Find("Omniglot"));
        Assert.Contains("(did you mean 'omniglot'?)", Assert.Throws<ArgumentException>(() => DataSets.Find("omnglot")).Message, StringComparison.Ordinal);
        Assert.DoesNotContain("did you mean", Assert.Throws<ArgumentException>(() => DataSets.Find("xyzzy")).Message, StringComparison.Ordinal);
        Assert.Contains("(did you mean 'tiny-imagenet32'?)", Assert.Throws<ArgumentException>(() => ClassData.Open("tiny-imagenet")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Places_are_the_choice_alone_or_else_variable_shared_folder_cache_and_packages()
    {
        string? Variables(string name) => name switch { "DEUTERO_DATA" => "/set", "XDG_CACHE_HOME" => "/cache", _ => null };
        Assert.Equal(["/there/here"], DataLocation.Resolve("here", Variables, "/there").Folders);
        Assert.Equal(["/set", "/a/shared/data", "/cache/deutero", "/usr/share/datasets"], DataLocation.Resolve(null, Variables, "/a/b").Folders);
        folder.Write("repository/Deutero.slnx", []);
        var inside = Directory.CreateDirectory(Path.Combine(folder.Path, "repository", "tests", "X")).FullName;
        Assert.Contains(Path.Combine(folder.Path, "shared", "data"), DataLocation.Resolve(null, _ => null, inside).Folders);
    }

    [Fact]
    public void Missing_data_set_says_where_it_was_looked_for_and_what_to_do()
    {
        var refusal = Assert.Throws<DataNotFoundException>(() => ClassData.Open("omniglot", folder.Path)).Message;
        Assert.StartsWith("Omniglot was not found: looked for omniglot/images_background.zip", refusal, StringComparison.Ordinal);
        Assert.Contains(folder.Path, refusal, StringComparison.Ordinal);
        Assert.EndsWith("run `deutero data fetch omniglot` or set DEUTERO_DATA.", refusal, StringComparison.Ordinal);
    }

    private FileState Verify(DataSet set, List<FileCheck> reports)
    {
        var results = set.Verify(DataLocation.Resolve(folder.Path), new Reporter(reports));
        return Assert.Single(results).State;
    }

    private static DataSet SmallSet(byte[] content) => DataSets.Omniglot with
    {
        Name = "small",
        Files =
        [
            new DataFile("small/file.txt", content.Length, Convert.ToHexStringLower(SHA256.HashData(content)))
            {
                Url = new Uri("https://example.org/file.txt"),
            },
        ],
    };

    private sealed class Reporter(List<FileCheck> reports) : IProgress<FileCheck>
    {
        public void Report(FileCheck value) => reports.Add(value);
    }

    private sealed class Server(byte[]? content) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            content is null
                ? throw new HttpRequestException("no route")
                : Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(content) });
    }
}
