using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Deutero.Torch.Serialization;

namespace Deutero.Torch.Tests;

public sealed class SafetensorsTests
{
    // [1.0, -2.0] in float32 under the name "w", byte by byte: 54 bytes of JSON and two spaces make a header of 56.
    private static readonly byte[] ByHand =
    [
        0x38, 0, 0, 0, 0, 0, 0, 0,
        .. "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}  "u8,
        0x00, 0x00, 0x80, 0x3F,
        0x00, 0x00, 0x00, 0xC0,
    ];

    private const string Supported = "F64, F32, F16, BF16, I64, I32, I16, I8, U8 or BOOL";

    private const string Needed = "dtype, shape and data_offsets";

    // In the order in which the reference implementation lays them out.
    private static readonly (string DType, int Size)[] DTypes =
    [
        ("I64", 8), ("F64", 8), ("F32", 4), ("I32", 4), ("BF16", 2), ("F16", 2), ("I16", 2), ("I8", 1), ("U8", 1), ("BOOL", 1),
    ];

    [Fact]
    public void A_file_written_by_hand_is_read()
    {
        var file = Read(ByHand);

        var item = Assert.Single(file.Items);
        Assert.Empty(file.Metadata);
        Assert.Equal(("w", "F32", 0L, 8L), (item.Entry.Name, item.Entry.DType, item.Entry.Begin, item.Entry.End));
        Assert.Equal([2L], item.Entry.Shape);
        Assert.Equal(1f, BitConverter.ToSingle(item.Data, 0));
        Assert.Equal(-2f, BitConverter.ToSingle(item.Data, 4));
    }

    [Fact]
    public void The_same_content_is_written_as_the_bytes_by_hand() =>
        Assert.Equal(ByHand, Write([new("w", "F32", [2], [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0])]));

    [Fact]
    public void A_file_without_tensors_is_a_header_of_eight_bytes()
    {
        byte[] empty = [8, 0, 0, 0, 0, 0, 0, 0, .. "{}      "u8];

        Assert.Equal(empty, Write([]));
        Assert.Empty(Read(empty).Items);
    }

    [Fact]
    public void Metadata_comes_first_in_ordinal_order_and_tensors_by_falling_size_and_name()
    {
        SafetensorsItem[] items =
            [new("b", "U8", [1], [1]), new("z", "F32", [], [1, 2, 3, 4]), new("a", "U8", [1], [2]), new("c", "F16", [0], [])];
        var metadata = new Dictionary<string, string> { ["b"] = "\"\\\n\u0001é", ["B"] = "" };

        var bytes = Write(items, metadata);

        string[] expected =
        [
            """
            "__metadata__":{"B":"","b":"\"\\\n\u0001é"}
            """,
            Tensor("z", "F32", "[]", 0, 4), Tensor("c", "F16", "[0]", 4, 4), Tensor("a", "U8", "[1]", 4, 5), Tensor("b", "U8", "[1]", 5, 6),
        ];
        Assert.Equal($"{{{string.Join(',', expected)}}}", JsonOf(bytes).TrimEnd(' '));
        Assert.Equal(0, JsonLength(bytes) % 8);
        Assert.Equal([1, 2, 3, 4, 2, 1], bytes[^6..]);
        Assert.Equal(bytes, Write([.. items.Reverse()], new Dictionary<string, string> { ["B"] = "", ["b"] = metadata["b"] }));
    }

    [Fact]
    public void Tensors_of_every_dtype_come_back_and_are_written_again_as_the_same_bytes()
    {
        var bytes = Write(EveryDType(), new Dictionary<string, string> { ["format"] = "pt" });

        var file = Read(bytes);

        Assert.Equal("pt", file.Metadata["format"]);
        Assert.Equal(DTypes.Length * 3, file.Items.Count);
        AssertSame(EveryDType(), file.Items);
        Assert.Equal(DTypes.SelectMany(d => Enumerable.Repeat(d.DType, 3)), file.Items.Select(item => item.Entry.DType));
        Assert.Equal(bytes, Write(file.Items, file.Metadata));
        var start = SafetensorsHeader.Parse(new MemoryStream(bytes)).DataStart;
        Assert.All(file.Items, item => Assert.Equal(0, (start + item.Entry.Begin) % SizeOfElement(item)));
    }

    [Fact]
    public void Entries_in_another_order_and_spacing_than_ours_are_read_in_the_order_of_their_bytes()
    {
        var json = """{ "b" : {"data_offsets": [1, 2], "shape": [1], "dtype": "U8"}, """ + Tensor("a", "I8", "[1,1]", 0, 1) + " }   ";

        var file = Read(File(json, [7, 9]));

        Assert.Equal(["a", "b"], file.Items.Select(item => item.Entry.Name));
        Assert.Equal([9], file.Items[1].Data);
    }

    [Theory]
    [InlineData("0", "The file has 1 bytes; expected at least the 8 that give the header's length.")]
    [InlineData("00000000", "The header is empty; expected a JSON object.")]
    [InlineData("90000000{}", "The header has a length of 9 bytes, and the file has only 2 after the 8 that say so.")]
    public void A_file_with_a_wrong_length_of_header_is_refused(string digits, string message) =>
        AssertRefused([.. digits.Select(c => char.IsDigit(c) ? (byte)(c - '0') : (byte)c)], message);

    [Theory]
    [InlineData(100_000_001UL, "The header has a length of 100000001 bytes; expected at most 100000000.")]
    [InlineData(ulong.MaxValue, "The header has a length of 18446744073709551615 bytes; expected at most 100000000.")]
    public void A_header_beyond_the_limit_is_refused_however_long_the_file(ulong length, string message)
    {
        var prefix = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, length);

        AssertRefused(new StreamOfStatedLength(prefix, 1L << 40), message);
    }

    [Fact]
    public void A_header_longer_than_the_file_is_refused_before_memory_is_taken_for_it()
    {
        byte[] prefix = [0xF8, 0xE0, 0xF5, 0x05, 0, 0, 0, 0, (byte)'{'];
        var before = GC.GetAllocatedBytesForCurrentThread();

        AssertRefused(prefix, "The header has a length of 99999992 bytes, and the file has only 1 after the 8 that say so.");

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    public static TheoryData<string, int, string> HostileHeaders => new()
    {
        // The text.
        { "[]", 0, "The header begins with byte 0x5b and ends with 0x5d; expected '{' and '}', and only spaces after it." },
        { " {}", 0, "The header begins with byte 0x20 and ends with 0x7d; expected '{' and '}', and only spaces after it." },
        { "{}\n", 0, "The header begins with byte 0x7b and ends with 0x0a; expected '{' and '}', and only spaces after it." },
        { "{}\0", 0, "The header begins with byte 0x7b and ends with 0x00; expected '{' and '}', and only spaces after it." },
        { "     ", 0, "The header is empty; expected a JSON object." },
        { "{} {}", 0, "The header is not valid JSON near its byte 3." },
        { "{,}", 0, "The header is not valid JSON near its byte 1." },
        { """{"a":{"dtype":"U8","shape":[01],"data_offsets":[0,1]}}""", 1, "The header is not valid JSON near its byte 28." },
        { """{"\ud800":{}}""", 0, "The header has a string with half of a surrogate pair; expected valid Unicode." },

        // Keys.
        { Two("a", 0, 1, "a", 1, 2), 2, "The header has the key 'a' twice; expected once." },
        { Two("a", 0, 1, "\\u0061", 1, 2), 2, "The header has the key 'a' twice; expected once." },
        { """{"__metadata__":{},"__metadata__":{}}""", 0, "The header has the key '__metadata__' twice; expected once." },
        { """{"__metadata__":{"k":"1","k":"2"}}""", 0, "__metadata__ has the key 'k' twice; expected once." },
        { Fields("\"dtype\":\"U8\",\"dtype\":\"U8\""), 1, "In the header, tensor 'a' has the field 'dtype' twice; expected once." },
        { Fields("\"shape\":[1],\"shape\":[1]"), 1, "In the header, tensor 'a' has the field 'shape' twice; expected once." },
        { Fields("\"strides\":[1]"), 1, $"In the header, tensor 'a' has the unknown field 'strides'; expected {Needed}." },
        { """{"a":{}}""", 0, $"In the header, tensor 'a' has no dtype; expected {Needed}." },
        { """{"a":{"dtype":"U8"}}""", 0, $"In the header, tensor 'a' has no shape; expected {Needed}." },
        { """{"a":{"dtype":"U8","shape":[]}}""", 0, $"In the header, tensor 'a' has no data_offsets; expected {Needed}." },
        { """{"a\nb":{}}""", 0, $"In the header, tensor 'a\\u000ab' has no dtype; expected {Needed}." },

        // Types.
        { """{"__metadata__":{"k":1}}""", 0, "In the header, __metadata__, key 'k' is the number '1'; expected a string." },
        { """{"__metadata__":{"k":null}}""", 0, "In the header, __metadata__, key 'k' is null; expected a string." },
        { """{"__metadata__":"k"}""", 0, "In the header, __metadata__ is a string; expected an object." },
        { """{"a":[]}""", 0, "In the header, tensor 'a' is an array; expected an object." },
        { """{"a":{"dtype":3}}""", 0, "In the header, dtype of tensor 'a' is the number '3'; expected a string." },
        { """{"a":{"shape":3}}""", 0, "In the header, shape of tensor 'a' is the number '3'; expected an array." },
        { """{"a":{"data_offsets":null}}""", 0, "In the header, data_offsets of tensor 'a' is null; expected an array." },

        // Numbers.
        { Entry("U8", "[-1]", 0, 1), 1, NotWhole("shape", "the number '-1'") },
        { Entry("U8", "[-0]", 0, 0), 0, NotWhole("shape", "the number '-0'") },
        { Entry("U8", "[1.0]", 0, 1), 1, NotWhole("shape", "the number '1.0'") },
        { Entry("U8", "[1e0]", 0, 1), 1, NotWhole("shape", "the number '1e0'") },
        { Entry("U8", "[9223372036854775808]", 0, 1), 1, NotWhole("shape", "the number '9223372036854775808'") },
        { Entry("U8", "[\"1\"]", 0, 1), 1, NotWhole("shape", "a string") },
        { Entry("U8", "[true]", 0, 1), 1, NotWhole("shape", "a boolean") },
        { Entry("U8", "[[1]]", 0, 1), 1, NotWhole("shape", "an array") },
        {
            """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,1]}}""",
            1, "In the header, data_offsets of tensor 'a' has 3 numbers; expected 2."
        },

        // Types of elements.
        { Entry("U16", "[1]", 0, 2), 2, $"Tensor 'a' has the unsupported dtype 'U16'; expected {Supported}." },
        { Entry("F8_E4M3", "[1]", 0, 1), 1, $"Tensor 'a' has the unsupported dtype 'F8_E4M3'; expected {Supported}." },
        { Entry("f32", "[1]", 0, 4), 4, $"Tensor 'a' has the unknown dtype 'f32'; expected {Supported}." },

        // Places.
        { Entry("U8", "[1]", 1, 0), 1, "Tensor 'a' has data_offsets [1, 0]; expected the first to be at most the second." },
        { Entry("U8", "[2]", 0, 2), 1, "Tensor 'a' has data_offsets [0, 2], and the file has only 1 bytes of data." },
        { Entry("F32", "[2]", 0, 4), 4, "Tensor 'a' has data_offsets [0, 4], which is 4 bytes; its dtype F32 and shape ask for 8." },
        { Entry("F32", "[]", 0, 0), 0, "Tensor 'a' has data_offsets [0, 0], which is 0 bytes; its dtype F32 and shape ask for 4." },
        { Entry("F32", "[4294967296,4294967296]", 0, 0), 0, "Tensor 'a' has a shape whose size in bytes does not fit 64 bits." },
        { Entry("I64", "[1152921504606846976]", 0, 0), 0, "Tensor 'a' has a shape whose size in bytes does not fit 64 bits." },
        { Entry("U8", "[0,4294967296,4294967296]", 0, 0), 0, "Tensor 'a' has a shape whose size in bytes does not fit 64 bits." },
        { Two("a", 0, 1, "b", 0, 1), 1, "Tensor 'b' begins at byte 0 of the data and overlaps the tensor before it, which ends at 1." },
        { Two("a", 0, 1, "b", 2, 3), 3, "Tensor 'b' begins at byte 2 of the data and leaves a hole: the tensor before it ends at 1." },
        { Two("a", 1, 2, "b", 2, 3), 3, "Tensor 'a' begins at byte 1 of the data and leaves a hole: the tensor before it ends at 0." },
        { Entry("U8", "[1]", 0, 1), 3, "The tensors end at byte 1 of the data, and the file has 3 bytes of data." },
        { "{}", 1, "The tensors end at byte 0 of the data, and the file has 1 bytes of data." },
    };

    [Theory]
    [MemberData(nameof(HostileHeaders))]
    public void A_hostile_header_is_refused_with_what_was_found_and_expected(string json, int dataLength, string message) =>
        AssertRefused(File(json, new byte[dataLength]), message);

    [Fact]
    public void A_header_that_is_not_UTF8_is_refused() =>
        AssertRefused(
            [8, 0, 0, 0, 0, 0, 0, 0, .. "{\"a"u8, 0xC3, .. "\":1}"u8],
            "The header is not valid UTF-8; expected a JSON object in UTF-8.");

    [Fact]
    public void Nesting_is_refused_at_its_first_step_whatever_its_depth()
    {
        var arrays = "{\"a\":{\"shape\":" + new string('[', 1_000_000) + new string(']', 1_000_000) + "}}";
        var objects = string.Concat(Enumerable.Repeat("{\"a\":", 100_000)) + new string('}', 100_000);

        AssertRefused(File(arrays, []), NotWhole("shape", "an array"));
        AssertRefused(File(objects, []), "In the header, tensor 'a' has the unknown field 'a'; expected dtype, shape and data_offsets.");
    }

    [Fact]
    public void A_tensor_larger_than_an_array_is_refused()
    {
        var header = File(Entry("U8", "[4294967296]", 0, 1L << 32), []);

        AssertRefused(
            new StreamOfStatedLength(header, header.Length + (1L << 32)),
            $"Tensor 'a' has 4294967296 bytes; expected at most {Array.MaxLength} to read it into memory.");
    }

    [Fact]
    public void A_file_that_ends_before_its_length_is_refused() =>
        AssertRefused(new StreamOfStatedLength(ByHand[..^1], ByHand.Length), "The file became shorter while it was read.");

    [Fact]
    public void A_boolean_other_than_0_and_1_is_refused() =>
        AssertRefused(
            File(Entry("BOOL", "[3]", 0, 3), [0, 1, 2]),
            "Tensor 'a' has dtype BOOL and the value 2 at element 2; expected 0 or 1.");

    [Fact]
    public void A_stream_that_cannot_seek_is_refused()
    {
        using var stream = new System.IO.Compression.DeflateStream(new MemoryStream(), System.IO.Compression.CompressionMode.Decompress);

        Assert.StartsWith("The stream cannot seek;", Assert.Throws<ArgumentException>(() => Safetensors.ReadAll(stream)).Message);
    }

    [Fact]
    public void What_the_format_cannot_hold_is_not_written()
    {
        AssertNotWritten(
            "The name 'a' is taken; expected unique names other than __metadata__.",
            new("a", "U8", [0], []), new("a", "U8", [0], []));
        AssertNotWritten(
            "The name '__metadata__' is taken; expected unique names other than __metadata__.",
            new SafetensorsItem("__metadata__", "U8", [0], []));
        AssertNotWritten("Tensor 'a' has an axis of length -1 in its shape; expected 0 or more.", new SafetensorsItem("a", "U8", [-1], []));
        AssertNotWritten("Tensor 'a' has 3 bytes; its dtype F32 and shape ask for 4.", new SafetensorsItem("a", "F32", [], [1, 2, 3]));
        AssertNotWritten(
            "Tensor 'a' has dtype BOOL and the value 9 at element 0; expected 0 or 1.",
            new SafetensorsItem("a", "BOOL", [], [9]));
        AssertNotWritten(
            "A name or metadata text has half of a surrogate pair; expected valid Unicode.",
            new SafetensorsItem("\ud800", "U8", [0], []));
        AssertNotWritten(
            $"Tensor 'a' has the unsupported dtype 'U32'; expected {Supported}.",
            new SafetensorsItem("a", "U32", [], [1, 2, 3, 4]));
    }

    [Fact]
    public void Ten_thousand_damaged_files_are_refused_or_read_for_what_they_are()
    {
        var mutation = new Mutation(new Random(20260501), Seeds());
        int read = 0, refused = 0;
        for (var i = 0; i < 10_000; i++)
        {
            var bytes = mutation.Next();
            var before = GC.GetAllocatedBytesForCurrentThread();
            var file = ReadOrNull(bytes);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
            if (file is null)
            {
                refused++;
                continue;
            }

            AssertIsContentOf(bytes, file);
            read++;
        }

        // Both kinds occur often, or the test shows little.
        Assert.InRange(read, 500, 9_500);
        Assert.InRange(refused, 500, 9_500);
    }

    [Fact]
    public void A_file_on_disk_comes_back_and_a_damaged_one_is_named_in_the_message()
    {
        using var folder = new TemporaryFolder();
        Safetensors.Write(folder.File, EveryDType());
        AssertSame(EveryDType(), Safetensors.ReadAll(folder.File).Items);

        System.IO.File.WriteAllBytes(folder.File, [1, 2, 3]);
        var refusal = Assert.Throws<SafetensorsException>(() => Safetensors.ReadAll(folder.File));
        Assert.Equal($"{folder.File}: The file has 3 bytes; expected at least the 8 that give the header's length.", refusal.Message);
    }

    [Fact]
    public void Failing_in_the_middle_of_a_write_leaves_the_old_file_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        System.IO.File.WriteAllBytes(folder.File, ByHand);

        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(folder.File, stream =>
        {
            stream.Write(new byte[1 << 20]);
            throw new InvalidOperationException("killed");
        }));
        Assert.Throws<ObjectDisposedException>(() => AtomicFile.Write(folder.File, stream => stream.Dispose()));
        Assert.Throws<SafetensorsException>(() => Safetensors.Write(folder.File, [new("a", "F32", [], [1])]));

        Assert.Equal(ByHand, System.IO.File.ReadAllBytes(folder.File));
        Assert.Equal([folder.File], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void The_old_file_stays_whole_under_its_name_until_the_new_one_is_complete()
    {
        using var folder = new TemporaryFolder();
        System.IO.File.WriteAllBytes(folder.File, ByHand);

        AtomicFile.Write(folder.File, stream =>
        {
            stream.Write("new"u8);
            stream.Flush();
            Assert.Equal(ByHand, System.IO.File.ReadAllBytes(folder.File));
        });

        Assert.Equal("new"u8.ToArray(), System.IO.File.ReadAllBytes(folder.File));
        Assert.Equal([folder.File], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_target_without_a_folder_or_that_is_a_folder_is_refused()
    {
        using var folder = new TemporaryFolder();
        var missing = Path.Combine(folder.Path, "missing", "x");

        Assert.Equal(
            $"The folder of '{missing}' does not exist; expected '{Path.Combine(folder.Path, "missing")}'.",
            Assert.Throws<DirectoryNotFoundException>(() => AtomicFile.Write(missing, _ => { })).Message);
        Assert.Equal(
            $"'{folder.Path}' is a folder; expected the path of a file.",
            Assert.Throws<IOException>(() => AtomicFile.Write(folder.Path, _ => { })).Message);
    }

    [Fact]
    public void A_replaced_file_keeps_its_permissions()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix permissions");
        using var folder = new TemporaryFolder();
        System.IO.File.WriteAllBytes(folder.File, ByHand);
        if (!OperatingSystem.IsWindows())
        {
            System.IO.File.SetUnixFileMode(folder.File, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            AtomicFile.Write(folder.File, _ => { });
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(folder.File));
        }
    }

    private static string Tensor(string name, string dType, string shape, long begin, long end) =>
        $"\"{name}\":{{\"dtype\":\"{dType}\",\"shape\":{shape},\"data_offsets\":[{begin},{end}]}}";

    private static string Entry(string dType, string shape, long begin, long end) => $"{{{Tensor("a", dType, shape, begin, end)}}}";

    private static string Fields(string fields) => $"{{\"a\":{{{fields}}}}}";

    private static string Two(string first, long begin, long end, string second, long secondBegin, long secondEnd) =>
        $"{{{Tensor(first, "U8", $"[{end - begin}]", begin, end)},"
        + $"{Tensor(second, "U8", $"[{secondEnd - secondBegin}]", secondBegin, secondEnd)}}}";

    private static string NotWhole(string field, string found) =>
        $"In the header, {field} of tensor 'a' holds {found}; expected a whole number from 0 to 9223372036854775807.";

    private static byte[] File(string json, byte[] data)
    {
        var text = Encoding.UTF8.GetBytes(json);
        return [.. BitConverter.GetBytes((ulong)text.Length), .. text, .. data];
    }

    private static int JsonLength(byte[] file) => (int)BinaryPrimitives.ReadUInt64LittleEndian(file);

    private static string JsonOf(byte[] file) => Encoding.UTF8.GetString(file, 8, JsonLength(file));

    private static int SizeOfElement(SafetensorsItem item) => DTypes.Single(d => d.DType == item.Entry.DType).Size;

    private static SafetensorsFile Read(byte[] bytes) => Safetensors.ReadAll(new MemoryStream(bytes));

    private static SafetensorsFile? ReadOrNull(byte[] bytes)
    {
        try
        {
            return Read(bytes);
        }
        catch (SafetensorsException e)
        {
            Assert.DoesNotContain('\n', e.Message);
            Assert.InRange(e.Message.Length, 10, 400);
            return null;
        }
    }

    private static byte[] Write(IReadOnlyList<SafetensorsItem> items, IReadOnlyDictionary<string, string>? metadata = null)
    {
        using var stream = new MemoryStream();
        Safetensors.Write(stream, items, metadata);
        return stream.ToArray();
    }

    // A scalar, a matrix and an empty tensor of every type.
    private static SafetensorsItem[] EveryDType() =>
        [.. DTypes.SelectMany(d => new long[][] { [], [2, 3], [4, 0] }.Select(shape => Item(d.DType, d.Size, shape)))];

    private static SafetensorsItem Item(string dType, int size, long[] shape)
    {
        var count = (int)shape.Aggregate(1L, (product, axis) => product * axis) * size;
        var data = Enumerable.Range(0, count).Select(i => dType == "BOOL" ? (byte)(i % 2) : (byte)(i * 37 + size)).ToArray();
        return new SafetensorsItem($"{dType}.{string.Join('x', shape)}", dType, shape, data);
    }

    private static byte[][] Seeds() =>
    [
        ByHand,
        Write(EveryDType(), new Dictionary<string, string> { ["format"] = "pt", ["step"] = "12" }),
        Write([new("x", "U8", [64], new byte[64]), new("é\n", "I64", [2], new byte[16])]),
        Write([new("weight", "U8", [900], new byte[900])], new Dictionary<string, string> { ["a note"] = new string('n', 300) }),
        File(Two("a", 0, 1, "b", 1, 2), [1, 2]),
        Write([]),
    ];

    private static void AssertRefused(byte[] bytes, string message) => AssertRefused(new MemoryStream(bytes), message);

    private static void AssertRefused(Stream stream, string message) =>
        Assert.Equal(message, Assert.Throws<SafetensorsException>(() => Safetensors.ReadAll(stream)).Message);

    private static void AssertNotWritten(string message, params SafetensorsItem[] items)
    {
        using var stream = new MemoryStream();
        Assert.Equal(message, Assert.Throws<SafetensorsException>(() => Safetensors.Write(stream, items)).Message);
        Assert.Equal(0, stream.Length);
    }

    private static void AssertSame(IEnumerable<SafetensorsItem> expected, IEnumerable<SafetensorsItem> actual) =>
        Assert.Equal(expected.Select(Describe).Order(StringComparer.Ordinal), actual.Select(Describe).Order(StringComparer.Ordinal));

    private static string Describe(SafetensorsItem item) =>
        $"{item.Entry.Name} {item.Entry.DType} [{string.Join(',', item.Entry.Shape)}] {Convert.ToHexString(item.Data)}";

    // Compares with what a general JSON parser finds in the bytes, and with what writing and reading again gives.
    private static void AssertIsContentOf(byte[] bytes, SafetensorsFile file)
    {
        using var json = JsonDocument.Parse(JsonOf(bytes));
        var data = bytes.AsMemory(8 + JsonLength(bytes));
        var tensors = json.RootElement.EnumerateObject().Where(p => p.Name != "__metadata__").ToArray();
        AssertSame(tensors.Select(p => ItemOf(p, data)), file.Items);
        Assert.Equal(data.ToArray(), file.Items.SelectMany(item => item.Data));
        var metadata = json.RootElement.TryGetProperty("__metadata__", out var m) ? m.EnumerateObject().ToArray() : [];
        Assert.Equal(metadata.ToDictionary(p => p.Name, p => p.Value.GetString()!), file.Metadata);

        var written = Write(file.Items, file.Metadata);
        var again = Read(written);
        AssertSame(file.Items, again.Items);
        Assert.Equal(file.Metadata, again.Metadata);
        Assert.Equal(written, Write(again.Items, again.Metadata));
    }

    private static SafetensorsItem ItemOf(JsonProperty tensor, ReadOnlyMemory<byte> data)
    {
        var offsets = tensor.Value.GetProperty("data_offsets").EnumerateArray().Select(o => o.GetInt32()).ToArray();
        var shape = tensor.Value.GetProperty("shape").EnumerateArray().Select(a => a.GetInt64()).ToArray();
        return new(tensor.Name, tensor.Value.GetProperty("dtype").GetString()!, shape, data[offsets[0]..offsets[1]].ToArray());
    }

    private sealed class Mutation(Random random, byte[][] seeds)
    {
        private static readonly string[] Numbers =
        [
            "0", "1", "2", "7", "8", "9", "16", "-1", "1.5", "1e3", "4294967296", "9223372036854775807", "18446744073709551616",
            "[]", "null", "\"1\"",
        ];

        public byte[] Next()
        {
            var bytes = seeds[random.Next(seeds.Length)];
            for (var steps = random.Next(1, 3); steps > 0; steps--)
            {
                bytes = random.Next(5) switch
                {
                    0 => FlipBits(bytes),
                    1 => bytes[..random.Next(bytes.Length + 1)],
                    2 => Splice(bytes),
                    3 => EditNumber(bytes),
                    _ => EditText(bytes),
                };
            }

            return bytes;
        }

        private byte[] FlipBits(byte[] bytes)
        {
            var flipped = (byte[])bytes.Clone();
            var first = random.Next(2) == 0 ? 0 : flipped.Length / 2;
            for (var flips = flipped.Length == 0 ? 0 : random.Next(1, 5); flips > 0; flips--)
            {
                flipped[random.Next(first, flipped.Length)] ^= (byte)(1 << random.Next(8));
            }

            return flipped;
        }

        // A piece of one file in place of a piece of another.
        private byte[] Splice(byte[] bytes)
        {
            var other = seeds[random.Next(seeds.Length)];
            var from = random.Next(other.Length);
            var to = Math.Min(other.Length, from + random.Next(1, 40));
            var at = random.Next(bytes.Length + 1);
            var end = Math.Min(bytes.Length, at + random.Next(40));
            return Replace(bytes, at, end, other[from..to]);
        }

        private byte[] EditNumber(byte[] bytes)
        {
            var digits = Enumerable.Range(0, bytes.Length).Where(i => char.IsAsciiDigit((char)bytes[i])).ToArray();
            if (digits.Length == 0)
            {
                return bytes;
            }

            var at = digits[random.Next(digits.Length)];
            return Replace(bytes, at, at + 1, Encoding.ASCII.GetBytes(Numbers[random.Next(Numbers.Length)]));
        }

        // Another letter in a name, a type or a key, by which a file often stays valid.
        private byte[] EditText(byte[] bytes)
        {
            var letters = Enumerable.Range(0, bytes.Length).Where(i => char.IsAsciiLetter((char)bytes[i])).ToArray();
            if (letters.Length == 0)
            {
                return bytes;
            }

            var at = letters[random.Next(letters.Length)];
            return Replace(bytes, at, at + 1, [(byte)random.Next('A', 'z')]);
        }

        // An edit of the header mostly corrects its stated length, so that what comes after that check is reached.
        private byte[] Replace(byte[] bytes, int at, int end, byte[] piece)
        {
            byte[] edited = [.. bytes[..at], .. piece, .. bytes[end..]];
            if (random.Next(4) != 0 && at >= 8 && end <= 8L + JsonLength(bytes))
            {
                BinaryPrimitives.WriteUInt64LittleEndian(edited, (ulong)(JsonLength(bytes) + edited.Length - bytes.Length));
            }

            return edited;
        }
    }

    // A file of which only the beginning exists.
    private sealed class StreamOfStatedLength(byte[] start, long length) : MemoryStream(start)
    {
        public override long Length => length;
    }

    private sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("deutero-safetensors-").FullName;

        public string File => System.IO.Path.Combine(Path, "target.safetensors");

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
