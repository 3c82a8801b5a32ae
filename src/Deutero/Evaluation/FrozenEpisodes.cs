using System.Security.Cryptography;
using System.Text;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Evaluation;

/// <summary>A list of episodes fixed by a seed: every learner, today and later, is judged on the same items.</summary>
/// <param name="Source">What the episodes are drawn from, or a list of which the first are taken.</param>
/// <param name="Seed">Determines all of them, unless they are those of a list.</param>
/// <param name="Count">How many there are.</param>
/// <exception cref="ArgumentException">The source is a list of fewer episodes.</exception>
public sealed record FrozenEpisodes(ITaskDistribution Source, ulong Seed, int Count)
{
    /// <summary>How many there are.</summary>
    public int Count { get; init; } = Source is IEpisodeList list && list.Count < Count
        ? throw new ArgumentException($"{Source.Name} is a list of {list.Count} episodes but {Count} were asked for.")
        : Count;

    /// <summary>One episode; each is drawn from a generator of its own, so that any subset can be made in any order.</summary>
    /// <param name="index">In <c>[0, Count)</c>.</param>
    public Episode this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            if (Source is IEpisodeList list)
            {
                return list[index];
            }

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
