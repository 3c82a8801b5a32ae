using System.Security.Cryptography;
using System.Text;

namespace Deutero.Data;

/// <summary>Which share of the classes of a user's own data goes to meta-training and meta-validation; the rest is meta-test.</summary>
/// <remarks>Classes are ordered by the SHA-256 of their names, so the split depends on nothing but the names.</remarks>
public sealed record ClassFractions
{
    /// <summary>The share of meta-training classes, above 0.</summary>
    /// <value>0.64, as in mini-ImageNet.</value>
    public double Train { get; init; } = 0.64;

    /// <summary>The share of meta-validation classes, above 0.</summary>
    /// <value>0.16, as in mini-ImageNet.</value>
    public double Validation { get; init; } = 0.16;

    /// <summary>Assigns each name to a split; each split gets at least one.</summary>
    internal Dictionary<string, Split> Assign(string source, IReadOnlyCollection<string> names)
    {
        if (!(Train > 0 && Validation > 0 && Train + Validation < 1))
        {
            throw new ArgumentException(
                $"The fractions of classes must be above 0 and leave some for the test, not {Train} and {Validation}.");
        }

        if (names.Count < 3)
        {
            throw new DataFormatException(
                $"{source} has {names.Count} class(es) ({string.Join(", ", names)}): train, validation and test need one each.");
        }

        var validation = Math.Clamp((int)Math.Round(Validation * names.Count), 1, names.Count - 2);
        var train = Math.Clamp((int)Math.Round(Train * names.Count), 1, names.Count - validation - 1);
        return Lot(names, train, validation);
    }

    /// <summary>Names in the order of their SHA-256: the first to training, the next to validation, the rest to the test.</summary>
    internal static Dictionary<string, Split> Lot(IEnumerable<string> names, int train, int validation) =>
        names
            .OrderBy(name => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(name))), StringComparer.Ordinal)
            .Index()
            .ToDictionary(
                name => name.Item,
                name => name.Index < train ? Split.Train : name.Index < train + validation ? Split.Validation : Split.Test,
                StringComparer.Ordinal);
}
