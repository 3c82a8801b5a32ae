using System.Buffers.Binary;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Deutero.Cli.Packages;
using Deutero.Cli.Runs;
using Deutero.Client;
using Deutero.Service.Auditing;
using Deutero.Service.Models;

namespace Deutero.Service.Tests;

/// <summary>Packages of models that come with requests.</summary>
public sealed class UploadTests(UploadTests.Packages packages) : IClassFixture<UploadTests.Packages>, IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("deutero-models-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Kept => Path.Combine(_root, "uploaded");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task A_package_is_served_and_is_so_after_a_restart_and_the_log_tells()
    {
        var store = Path.Combine(_root, "store");
        string id, answers;
        await using (var service = await Start(store))
        {
            using var client = new DeuteroClient(new Uri(service.Service.Urls[0]));
            var loaded = await client.UploadModel("letters", new(packages.First), Cancellation);
            Assert.Equal(("letters", packages.Version(packages.First)), (loaded.Name, loaded.Version));
            id = (await client.Create(new("letters", RunningService.Classes(2, 0, 1)), Cancellation)).Id;
            answers = await service.Ask(id);
        }

        await using (var service = await Start(store))
        {
            Assert.Equal(answers, await service.Ask(id));
            var (status, state) = await Upload(service, "letters", await File.ReadAllBytesAsync(packages.Second, Cancellation), "application/octet-stream");
            Assert.Equal((200, packages.Version(packages.Second)), (status, (string?)state["version"]));
            Assert.NotEqual(answers, await service.Ask(id));
        }

        var lines = AuditVerification.Export(store, "local").Select(line => JsonNode.Parse(line)!).Where(line => line["package"] is not null);
        Assert.Equal(
            ((string[])[packages.First, packages.Second]).Select(file => $"model.upload letters {packages.Version(file)} {Hash(file)}"),
            lines.Select(line => $"{line["action"]} {line["model"]} {line["modelVersion"]} {line["package"]}"));
    }

    [Fact]
    public async Task A_package_is_kept_as_long_as_a_name_has_it()
    {
        await using var service = await Start();
        var (first, second) = (await File.ReadAllBytesAsync(packages.First, Cancellation), await File.ReadAllBytesAsync(packages.Second, Cancellation));
        Assert.Equal(201, (await Upload(service, "letters", first)).Status);
        var kept = Path.GetFileName(Assert.Single(Directory.GetFiles(Kept)));
        Assert.Equal($"letters.{Hash(packages.First)}.deutero", kept);
        Assert.Equal(200, (await Upload(service, "letters", first)).Status);
        Assert.Equal(201, (await service.Send(HttpMethod.Put, "/v1/models/other", new NewModel($"uploaded/{kept}"))).Status);
        Assert.Equal(200, (await Upload(service, "letters", second)).Status);
        Assert.Equal(2, Directory.GetFiles(Kept).Length);
        Assert.Equal(204, (await service.Send(HttpMethod.Delete, "/v1/models/other")).Status);
        Assert.Equal($"letters.{Hash(packages.Second)}.deutero", Path.GetFileName(Assert.Single(Directory.GetFiles(Kept))));
        Assert.Equal(204, (await service.Send(HttpMethod.Delete, "/v1/models/letters")).Status);
        Assert.Empty(Directory.GetFiles(Kept));
    }

    [Theory]
    [InlineData("changed", "differs from the SHA-256")]
    [InlineData("truncated", "not a whole package")]
    [InlineData("empty", "not a whole package")]
    [InlineData("text", "not a whole package")]
    [InlineData("traversal", "'../evil', which no package has")]
    [InlineData("compressed", "model.safetensors is compressed")]
    [InlineData("gigabytes", "not a whole package")]
    [InlineData("unsigned", "is unsigned, but only packages signed by")]
    [InlineData("stranger", "but only packages signed by")]
    public async Task A_package_that_is_not_whole_or_not_trusted_replaces_nothing_and_leaves_nothing(string kind, string said)
    {
        await using var service = await Start();
        Assert.Equal(201, (await Upload(service, "letters", await File.ReadAllBytesAsync(packages.First, Cancellation))).Status);
        var before = Directory.GetFiles(Kept);
        var (status, problem) = await Upload(service, "letters", Bent(kind));
        Assert.Equal(400, status);
        Assert.Contains(said, (string)problem["detail"]!, StringComparison.Ordinal);
        Assert.DoesNotContain(_root, (string)problem["detail"]!, StringComparison.Ordinal);
        Assert.Equal(before, Directory.GetFiles(Kept));
        Assert.Equal(packages.Version(packages.First), (string?)(await service.Get("/v1/models/letters")).Body["version"]);
        Assert.False(File.Exists(Path.Combine(_root, "evil")));
    }

    [Fact]
    public async Task What_is_longer_than_allowed_of_another_type_or_nowhere_to_be_kept_is_refused_by_its_status()
    {
        var package = await File.ReadAllBytesAsync(packages.First, Cancellation);
        await using (var service = await Start(settings: settings => settings with { MaxPackageBytes = package.Length - 1 }))
        {
            using var client = new DeuteroClient(new Uri(service.Service.Urls[0]));
            Assert.Equal(413, (await Assert.ThrowsAsync<DeuteroException>(() => client.UploadModel("letters", new(packages.First), Cancellation))).Status);
            Assert.Equal(413, (await Upload(service, "letters", package, chunked: true)).Status);
            Assert.Empty(Directory.GetFiles(Kept));
            Assert.Equal(415, (await Upload(service, "letters", package, "application/zip")).Status);
            Assert.Equal(400, (await Upload(service, "two words", package)).Status);
        }

        await using (var service = await Start(settings: settings => settings with { MaxPackageBytes = package.Length, MaxBodyBytes = 1000 }))
        {
            Assert.Equal(201, (await Upload(service, "letters", package)).Status);
        }

        Directory.Delete(Kept, recursive: true);
        Directory.CreateSymbolicLink(Kept, packages.Folder);
        await using (var service = await Start())
        {
            Assert.Equal(409, (await Upload(service, "letters", package)).Status);
        }

        await using (var service = await Start(settings: settings => settings with { ModelFolder = null }))
        {
            Assert.Equal(409, (await Upload(service, "letters", package)).Status);
        }
    }

    [Fact]
    public async Task What_a_killed_service_left_of_an_upload_goes_at_the_next_start()
    {
        Directory.CreateDirectory(Kept);
        var (old, young) = (Path.Combine(Kept, ".deutero-upload-old"), Path.Combine(Kept, ".deutero-upload-young"));
        await File.WriteAllTextAsync(old, "", Cancellation);
        await File.WriteAllTextAsync(young, "", Cancellation);
        File.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddHours(-2));
        await using var service = await Start();
        Assert.Equal([young], Directory.GetFiles(Kept));
    }

    [Fact]
    public async Task The_document_says_that_a_package_is_bytes()
    {
        await using var service = await Start();
        var (_, document) = await service.Get("/openapi/v1.json");
        var content = document["paths"]!["/v1/models/{name}"]!["put"]!["requestBody"]!["content"]!;
        Assert.Equal("binary", (string?)content["application/vnd.deutero.package"]!["schema"]!["format"]);
        Assert.Equal("#/components/schemas/NewModel", (string?)content["application/json"]!["schema"]!["$ref"]);
    }

    private static string Hash(string file) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)));

    private static async Task<(int Status, JsonNode Body)> Upload(
        RunningService service, string name, byte[] package, string type = DeuteroClient.PackageContentType, bool chunked = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/v1/models/{Uri.EscapeDataString(name)}") { Content = new ByteArrayContent(package) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        request.Headers.TransferEncodingChunked = chunked;
        return await service.Send(request);
    }

    private byte[] Bent(string kind)
    {
        var package = File.ReadAllBytes(packages.First);
        switch (kind)
        {
            case "changed":
                package[package.Length / 2] ^= 1; // of the weights
                return package;
            case "gigabytes":
                // The directory claims that the last entry, the weights, has two of them.
                var entry = package.AsSpan().LastIndexOf("PK\u0001\u0002"u8);
                BinaryPrimitives.WriteUInt32LittleEndian(package.AsSpan(entry + 20), 0x7fff0000);
                BinaryPrimitives.WriteUInt32LittleEndian(package.AsSpan(entry + 24), 0x7fff0000);
                return package;
            case "traversal":
                return Zipped(package, "../evil", [1], CompressionLevel.NoCompression);
            case "compressed":
                return Zipped(package, "model.safetensors", new byte[64 << 20], CompressionLevel.Optimal);
            default:
                return kind switch
                {
                    "truncated" => package[..^100],
                    "empty" => [],
                    "text" => "no package"u8.ToArray(),
                    "unsigned" => File.ReadAllBytes(packages.Unsigned),
                    _ => File.ReadAllBytes(packages.Stranger),
                };
        }
    }

    private static byte[] Zipped(byte[] package, string name, byte[] content, CompressionLevel level)
    {
        using var file = new MemoryStream();
        file.Write(package);
        using (var archive = new ZipArchive(file, ZipArchiveMode.Update, leaveOpen: true))
        {
            archive.GetEntry(name)?.Delete();
            using var stream = archive.CreateEntry(name, level).Open();
            stream.Write(content);
        }

        return file.ToArray();
    }

    private Task<RunningService> Start(string? store = null, Func<ServiceSettings, ServiceSettings>? settings = null) => RunningService.Start(store, basic =>
    {
        var whole = basic with { ModelFolder = new ModelFolder(_root, (name, path) => ServedRun.Open($"{name}={path}", packages.Trusted)) };
        return settings?.Invoke(whole) ?? whole;
    });

    /// <summary>Two models, packed and signed, and packages that nobody signed or a stranger did.</summary>
    public sealed class Packages : IDisposable
    {
        private readonly PackageKey _key;

        /// <summary>Trains and packs.</summary>
        public Packages()
        {
            _key = PackageKey.Create(At("our.pem"));
            Trusted = PackageKey.Public(At("our.public.pem"));
            using var stranger = PackageKey.Create(At("other.pem"));
            Command.Train(At("first"));
            Command.Train(At("second"), "--set", "training.seed=5");
            Packing.Pack(At("first"), First, _key);
            Packing.Pack(At("second"), Second, _key);
            Packing.Pack(At("first"), Unsigned, null);
            Packing.Pack(At("first"), Stranger, stranger);
        }

        internal string Folder { get; } = Directory.CreateTempSubdirectory("deutero-packages-").FullName;

        internal PackageKey Trusted { get; }

        internal string First => At("first.deutero");

        internal string Second => At("second.deutero");

        internal string Unsigned => At("unsigned.deutero");

        internal string Stranger => At("stranger.deutero");

        internal string Version(string package)
        {
            using var model = ServedRun.Open(package, Trusted);
            return model.Version;
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            _key.Dispose();
            Trusted.Dispose();
            Directory.Delete(Folder, recursive: true);
        }

        private string At(string name) => Path.Combine(Folder, name);
    }
}
