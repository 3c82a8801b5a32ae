using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Deutero.Data;

namespace Deutero.Edge;

/// <summary>An input contract as files: a description as JSON, and for texts what turns them into numbers, whose hash the description has.</summary>
internal static class ContractFiles
{
    internal const string Description = "contract.json";
    internal const string Texts = "text-features.safetensors";

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Strict)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    internal static IReadOnlyDictionary<string, byte[]> Of(InputContract contract)
    {
        using var texts = new MemoryStream();
        contract.Texts?.Save(texts);
        var description = new Stored(contract.Kind, contract.ItemShape)
        {
            Image = contract.Image is { } image ? new(image.Channels, image.Size, image.InkIsBright) : null,
            TextFeatures = contract.Texts is null ? null : HashOf(texts.ToArray()),
            Columns = contract.Table?.Columns,
        };
        var files = new Dictionary<string, byte[]> { [Description] = JsonSerializer.SerializeToUtf8Bytes(description, s_json) };
        if (contract.Texts is not null)
        {
            files.Add(Texts, texts.ToArray());
        }

        return files;
    }

    internal static InputContract Read(IReadOnlyDictionary<string, byte[]> files, string source)
    {
        var name = $"{source}/{Description}";
        try
        {
            var stored = JsonSerializer.Deserialize<Stored>(Required(files, Description, source), s_json) ?? throw new ArgumentException("it is null");
            var contract = stored switch
            {
                { Kind: InputKind.Images, Image: { } image } => new InputContract(new ImageContract(image.Channels, image.Size, image.InkIsBright)),
                { Kind: InputKind.Texts, TextFeatures: { } hash } => new(ReadTexts(Required(files, Texts, source), hash, source)),
                { Kind: InputKind.Rows, Columns: { } columns } => new(new TableColumns(columns)),
                { Kind: InputKind.Numbers } => new(stored.Shape, null),
                _ => throw new ArgumentException($"it lacks what {stored.Kind} need"),
            };
            return contract.ItemShape.SequenceEqual(stored.Shape) && contract.ItemSize > 0
                ? contract
                : throw new ArgumentException($"its shape is [{string.Join(", ", stored.Shape)}] where [{string.Join(", ", contract.ItemShape)}] is expected");
        }
        catch (Exception mistake) when (mistake is JsonException or ArgumentException or OverflowException)
        {
            throw new InvalidDataException($"{name} is not an input contract, or was changed: {mistake.Message.TrimEnd('.')}.", mistake);
        }
    }

    private static TextFeatures ReadTexts(byte[] content, string hash, string source)
    {
        if (HashOf(content) != hash)
        {
            throw new InvalidDataException($"{source}/{Texts} was changed: it differs from the SHA-256 that {Description} has.");
        }

        using var stream = new MemoryStream(content, writable: false);
        return TextFeatures.Load(stream, $"{source}/{Texts}");
    }

    private static byte[] Required(IReadOnlyDictionary<string, byte[]> files, string name, string source) =>
        files.TryGetValue(name, out var content) ? content : throw new InvalidDataException($"{source} lacks {name}, without which texts and rows cannot be turned into numbers.");

    private static string HashOf(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private sealed record StoredImage(int Channels, int Size, bool InkIsBright);

    private sealed record Stored(InputKind Kind, IReadOnlyList<long> Shape)
    {
        public StoredImage? Image { get; init; }

        public string? TextFeatures { get; init; }

        public IReadOnlyList<TableColumn>? Columns { get; init; }
    }
}
