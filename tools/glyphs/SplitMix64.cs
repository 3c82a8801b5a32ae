namespace Deutero.Tools.Glyphs;

/// <summary>Sebastiano Vigna's SplitMix64: a 64-bit counter and a mixing function, the same everywhere.</summary>
internal sealed class SplitMix64(ulong seed)
{
    private ulong _state = seed;

    /// <summary>The next 64 bits.</summary>
    public ulong Next() => Mix(_state += 0x9E3779B97F4A7C15);

    /// <summary>Uniform in <c>[low, high)</c>.</summary>
    public float Uniform(float low, float high) => low + ((high - low) * ((Next() >> 40) * (1f / (1 << 24))));

    /// <summary>Uniform in <c>[0, count)</c>; the bias of the remainder is below 1e-15 for the counts used here.</summary>
    public int Below(int count) => (int)(Next() % (ulong)count);

    /// <summary>About normal with mean 0 and deviation 1, never beyond ±3: the sum of nine uniforms.</summary>
    public float Bell()
    {
        var sum = 0f;
        for (var i = 0; i < 9; i++)
        {
            sum += Uniform(-1, 1);
        }

        return Math.Clamp(sum / MathF.Sqrt(3), -3, 3);
    }

    /// <summary>A shuffled copy (Fisher-Yates).</summary>
    public T[] Shuffle<T>(IEnumerable<T> items)
    {
        var copy = items.ToArray();
        for (var i = copy.Length - 1; i > 0; i--)
        {
            var j = Below(i + 1);
            (copy[i], copy[j]) = (copy[j], copy[i]);
        }

        return copy;
    }

    /// <summary>A seed of its own for a part of the work, so that parts may run in any order.</summary>
    public static ulong Derive(ulong seed, int part) => Mix(seed + (0x9E3779B97F4A7C15 * (ulong)(part + 1)));

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
