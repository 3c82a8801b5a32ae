using System.IO.Compression;
using System.Text.Json.Nodes;
using Deutero.Cli.Packages;
using Deutero.Cli.Runs;

namespace Deutero.Cli.Tests.EndToEnd;

public sealed class PackageTests(TrainedRuns runs) : IClassFixture<TrainedRuns>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Package => _folder["letters.deutero"];

    private string Key => _folder["our.pem"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_package_serves_and_unpacks_as_the_run_it_was_made_of()
    {
        var packed = DeuteroProcess.Run("pack", runs.ProtoNet, "-o", Package, "--new-key", Key, "--uncalibrated");
        Assert.True(packed.Code == 0, packed.Error);
        var verified = DeuteroProcess.Run("unpack", Package, "--verify", "--trust", _folder["our.public.pem"]);
        Assert.True(verified.Code == 0, verified.Error);
        Assert.Contains("which is trusted", verified.Output, StringComparison.Ordinal);
        var unpacked = DeuteroProcess.Run("unpack", Package, "-o", _folder["out"]);
        Assert.True(unpacked.Code == 0, unpacked.Error);
        Assert.Contains("was not compared with one that you trust", unpacked.Output, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(Path.Combine(runs.ProtoNet, "model.safetensors")), File.ReadAllBytes(_folder["out", "model.safetensors"]));

        using var key = PackageKey.Public(_folder["our.public.pem"]);
        using var folder = ServedRun.Open(runs.ProtoNet);
        using var package = ServedRun.Open(Package, key);
        using var again = ServedRun.Open(_folder["out"]);
        Assert.Equal(("letters", folder.Version, folder.Version), (package.Name, package.Version, again.Version));
        Assert.Equal(folder.Card with { Text = "" }, package.Card with { Text = "" });
        foreach (var said in (string[])["licence of the data: built-in images", "accuracy", "(95% interval, 5 held-out tasks", "learner: ProtoNet", "ways: any number", "BatchNorm: Episode", "input: 1 x 28 x 28", "calibration: none"])
        {
            Assert.Contains(said, package.Card.Text, StringComparison.Ordinal);
        }

        runs.WriteGlyphs(_folder["support"], 3, from: 0, count: 2, darkOnWhite: true);
        runs.WriteGlyphs(_folder["query"], 3, from: 5, count: 2, darkOnWhite: true);
        string Adapt(string model) => DeuteroProcess.Run("adapt", model, "--support", _folder["support"], "--query", _folder["query"], "--json").Output;
        Assert.Equal(Adapt(runs.ProtoNet), Adapt(Package));
    }

    [Fact]
    public void A_calibrated_run_carries_its_calibration_into_the_package()
    {
        Copy(runs.ProtoNet, _folder["run"]);
        var calibrated = DeuteroProcess.Run("calibrate", _folder["run"], "--episodes", "10", "--shots", "1", "2", "--json");
        Assert.True(calibrated.Code == 0, calibrated.Error);
        Assert.Equal(File.ReadAllText(_folder["run", "calibration.json"]), calibrated.Output);
        Assert.Equal("glyphs/test", (string?)calibrated.Json["figures"]!["measuredOn"]);
        Assert.Equal(calibrated.Output, DeuteroProcess.Run("calibrate", _folder["run"], "--episodes", "10", "--shots", "1", "2", "--json").Output);
        Assert.Equal(0, DeuteroProcess.Run("pack", _folder["run"], "-o", Package, "--unsigned").Code);
        using var package = ServedRun.Open(Package);
        Assert.Equal((double)calibrated.Json["temperature"]!, package.Card.Calibration!.Temperature);
        Assert.Equal(package.Card.Calibration.Threshold, package.Model.Calibration!.Threshold);
        Assert.Contains("none of these: below a", package.Card.Text, StringComparison.Ordinal);

        // A calibration of another model is none.
        File.Copy(Path.Combine(runs.Maml, "model.safetensors"), _folder["run", "model.safetensors"], overwrite: true);
        Refused("belongs to another model.safetensors", "pack", _folder["run"], "-o", _folder["other.deutero"], "--unsigned");
    }

    [Fact]
    public void A_package_with_any_byte_changed_is_refused_or_holds_the_same()
    {
        using var key = PackageKey.Create(Key);
        Packing.Pack(runs.Maml, Package, key);
        var (whole, _) = PackageFile.Read(Package);
        var bytes = File.ReadAllBytes(Package);
        var refused = 0;
        for (var i = 0; i < bytes.Length; i += i < 4000 || i > bytes.Length - 1500 ? 3 : 997)
        {
            bytes[i] ^= 0x10;
            File.WriteAllBytes(_folder["changed.deutero"], bytes);
            bytes[i] ^= 0x10;
            try
            {
                var (entries, signer) = PackageFile.Read(_folder["changed.deutero"]);
                Assert.Equal(key.PublicKey, signer);
                Assert.Equal(whole.Keys.Order(), entries.Keys.Order());
                Assert.All(whole, entry => Assert.Equal(entry.Value, entries[entry.Key]));
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1000, int.MaxValue); // what is taken is times and the like, of the zip's own
        for (var length = 0; length < bytes.Length; length += 1 + (bytes.Length / 50))
        {
            File.WriteAllBytes(_folder["changed.deutero"], bytes[..length]);
            Assert.Throws<InvalidDataException>(() => PackageFile.Read(_folder["changed.deutero"]));
        }
    }

    [Fact]
    public void A_changed_package_is_refused_in_one_sentence_that_names_what_differs_and_nothing_is_written()
    {
        using var key = PackageKey.Create(Key);
        using var other = PackageKey.Create(_folder["other.pem"]);
        Packing.Pack(runs.ProtoNet, Package, key);
        void Changed(string said, Action<ZipArchive> change, PackageKey? trusted = null)
        {
            File.Copy(Package, _folder["changed.deutero"], overwrite: true);
            using (var archive = ZipFile.Open(_folder["changed.deutero"], ZipArchiveMode.Update))
            {
                change(archive);
            }

            var refusal = Assert.Throws<InvalidDataException>(() => ModelFiles.Open(_folder["changed.deutero"], trusted));
            Assert.Contains(said, refusal.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', refusal.Message);
        }

        void Write(ZipArchive archive, string name, byte[] content)
        {
            archive.GetEntry(name)?.Delete();
            using var stream = archive.CreateEntry(name, CompressionLevel.NoCompression).Open();
            stream.Write(content);
        }

        Changed("model.safetensors, which is missing", archive => archive.GetEntry("model.safetensors")!.Delete());
        Changed("it holds calibration.json, which its manifest does not list", archive => Write(archive, "calibration.json", "{}"u8.ToArray()));
        Changed("'../evil', which no package has", archive => Write(archive, "../evil", [1]));
        Changed("manifest.signature is missing", archive => archive.GetEntry("manifest.signature")!.Delete());
        Changed("has no manifest.json", archive => archive.GetEntry("manifest.json")!.Delete());
        Changed("lists an entry that is null", archive => Write(archive, "manifest.json", """{"format":"deutero-package-1","signer":null,"entries":[null]}"""u8.ToArray()));
        Changed("manifest.signature is not the signer's", archive =>
        {
            var manifest = Manifest(archive);
            manifest["signer"] = Convert.ToBase64String(other.PublicKey);
            Write(archive, "manifest.json", System.Text.Encoding.UTF8.GetBytes(manifest.ToJsonString()));
        });

        // Without its signature it is whole, but nobody's: refused where a signer is asked for.
        void Strip(ZipArchive archive)
        {
            var manifest = Manifest(archive);
            manifest["signer"] = null;
            archive.GetEntry("manifest.signature")!.Delete();
            Write(archive, "manifest.json", System.Text.Encoding.UTF8.GetBytes(manifest.ToJsonString()));
        }

        Changed("is unsigned, but only packages signed by", Strip, key);
        Changed("is signed by", _ => { }, other);
        Changed("card.json differs", archive => Write(archive, "card.json", "{}"u8.ToArray()));
        Refused("card.json differs", "unpack", _folder["changed.deutero"], "-o", _folder["out"]);
        Assert.False(Directory.Exists(_folder["out"]));
        Assert.Empty(Directory.GetDirectories(_folder[""], ".deutero-*"));
        Refused("is not a whole package", "unpack", Key, "-o", _folder["out"]);
        Refused("holds no public key", "unpack", Package, "--verify", "--trust", Key);
        Refused("There is no file", "unpack", _folder["absent"], "--verify");
    }

    [Fact]
    public void Packing_and_unpacking_refuse_what_would_overwrite_or_hide_something()
    {
        Refused("give one of --key KEY.pem and --new-key KEY.pem, or say --unsigned", "pack", runs.ProtoNet, "-o", Package);
        File.WriteAllText(Key, "mine");
        Refused("a key is never overwritten", "pack", runs.ProtoNet, "-o", Package, "--new-key", Key, "--uncalibrated");
        Assert.Equal("mine", File.ReadAllText(Key));
        File.WriteAllText(_folder["their.public.pem"], "theirs");
        Refused("their.public.pem exists already", "pack", runs.ProtoNet, "-o", Package, "--new-key", _folder["their.pem"], "--uncalibrated");
        Assert.Equal("theirs", File.ReadAllText(_folder["their.public.pem"]));
        Assert.False(File.Exists(_folder["their.pem"]));
        Refused("holds no private key", "pack", runs.ProtoNet, "-o", Package, "--key", Key, "--uncalibrated");
        Assert.False(File.Exists(Package));
        Packing.Pack(runs.ProtoNet, Package, null);
        Directory.CreateDirectory(_folder["out"]);
        Refused("exists already", "unpack", Package, "-o", _folder["out"]);
        var reported = DeuteroProcess.Run("unpack", Package, "--verify");
        Assert.Equal(0, reported.Code);
        Assert.Contains("unsigned", reported.Output, StringComparison.Ordinal);
        Refused("is a package already", "pack", Package, "-o", _folder["twice.deutero"], "--unsigned");
    }

    private static JsonObject Manifest(ZipArchive archive)
    {
        using var stream = archive.GetEntry("manifest.json")!.Open();
        return JsonNode.Parse(stream)!.AsObject();
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }

    private static void Refused(string said, params string[] arguments)
    {
        var outcome = DeuteroProcess.Run(arguments);
        Assert.Equal((2, ""), (outcome.Code, outcome.Output));
        Assert.Contains(said, outcome.Sentence, StringComparison.Ordinal);
    }
}
