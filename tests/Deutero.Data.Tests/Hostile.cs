using System.Diagnostics;

namespace Deutero.Data.Tests;

/// <summary>Damages samples at random and checks that a reader either reads or refuses, in bounded time and memory.</summary>
internal static class Hostile
{
    private const long MaximumGrowthBytes = 400L << 20;

    /// <summary>Feeds mutated copies to a reader; only <typeparamref name="TRefusal"/> may come out.</summary>
    /// <returns>How many were refused.</returns>
    internal static int Feed<TRefusal>(byte[] sample, int count, Action<byte[]> read, Func<byte[], byte[]>? repair = null)
        where TRefusal : Exception
    {
        var random = new Random(7);
        var before = Environment.WorkingSet;
        var watch = Stopwatch.StartNew();
        var refused = 0;
        for (var i = 0; i < count; i++)
        {
            var mutated = Mutate(sample, random);
            try
            {
                read(repair is null ? mutated : repair(mutated));
            }
            catch (TRefusal refusal)
            {
                Assert.EndsWith(".", refusal.Message, StringComparison.Ordinal);
                refused++;
            }
        }

        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 60);
        Assert.InRange(Environment.WorkingSet - before, long.MinValue, MaximumGrowthBytes);
        return refused;
    }

    private static byte[] Mutate(byte[] sample, Random random)
    {
        var bytes = (byte[])sample.Clone();
        switch (random.Next(5))
        {
            case 0:
                return bytes[..random.Next(bytes.Length)];
            case 1:
                var at = random.Next(bytes.Length);
                return [.. bytes[..at], .. bytes[random.Next(bytes.Length)..], .. bytes[at..]];
            case 2:
                var start = random.Next(bytes.Length);
                bytes.AsSpan(start, Math.Min(random.Next(1, 9), bytes.Length - start)).Fill(random.Next(2) == 0 ? (byte)0xFF : (byte)0);
                return bytes;
            default:
                for (var flips = random.Next(1, 5); flips > 0; flips--)
                {
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                }

                return bytes;
        }
    }
}
