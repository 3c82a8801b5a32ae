using System.Security.Cryptography;
using System.Text;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Evaluation;

/// <summary>A list of episodes fixed by a seed: every learner, today and later, is judged on the same items.</summary>
/// <param name="Source">What the episodes are drawn from.</param>
/// <param name="Seed">Determines all of them.</param>
/// <param name="Count">How many there are.</param>
public sealed record FrozenEpisodes(ITaskDistribution Source, ulong Seed, int Count)
{
    /// <summary>One episode; each is drawn from a generator of its own, so that any subset can be made in any order.</summary>
    /// <param name="index">In <c>[0, Count)</c>.</param>
    public Episode this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            using var random = Generator.Seed(Seed).Derive(index);
            return Source.Sample(random);
        }
    }

    /// <summary>The SHA-256 of the episodes' identities, in hexadecimal: equal exactly when every episode holds the same items.</summary>
    /// <param name="identities">The identities in order.</param>
    public static string HashOf(IEnumerable<string> identities)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var identity in identities)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(identity + "\n"));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
