using System.Buffers.Binary;
using Deutero.Torch.Native;

namespace Deutero.Torch;

/// <summary>The only source of randomness: a seeded generator of integers, fractions and random tensors, with its state in and out.</summary>
/// <remarks>
/// Integers come from xoshiro256** (Blackman and Vigna, ACM TOMS 2021), seeded by SplitMix64; random tensors come from a libtorch generator
/// that is seeded from it at its first use. Not safe for concurrent use: <see cref="Derive"/> one generator per thread or task.
/// </remarks>
public sealed class Generator : IDisposable
{
    private const int IntegerStateBytes = 5 * sizeof(ulong);

    private readonly ulong _seed;
    private ulong _s0;
    private ulong _s1;
    private ulong _s2;
    private ulong _s3;
    private nint _torch;

    private Generator(ulong seed)
    {
        _seed = seed;
        var state = seed;
        (_s0, _s1, _s2, _s3) = (SplitMix(ref state), SplitMix(ref state), SplitMix(ref state), SplitMix(ref state));
    }

    /// <summary>Frees the libtorch generator.</summary>
    ~Generator() => Free();

    /// <summary>The bytes that determine everything this generator will return, for checkpoints.</summary>
    public byte[] State
    {
        get
        {
            var torch = TorchState();
            var bytes = new byte[IntegerStateBytes + torch.Length];
            ulong[] words = [_seed, _s0, _s1, _s2, _s3];
            for (var i = 0; i < words.Length; i++)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(i * sizeof(ulong)), words[i]);
            }

            torch.CopyTo(bytes, IntegerStateBytes);
            return bytes;
        }
    }

    internal nint TorchPointer
    {
        get
        {
            if (_torch == 0)
            {
                NativeMethods.Check(NativeMethods.deutero_generator_new(NextUInt64(), "cpu", out _torch), "generator");
            }

            return _torch;
        }
    }

    /// <summary>A generator whose whole future is determined by the seed.</summary>
    /// <param name="seed">Any number.</param>
    public static Generator Seed(ulong seed) => new(seed);

    /// <summary>A generator that continues exactly where the one whose <see cref="State"/> was taken stood.</summary>
    /// <param name="state">The bytes of <see cref="State"/>.</param>
    /// <exception cref="FormatException">The bytes are not a generator's state.</exception>
    public static Generator Restore(ReadOnlySpan<byte> state)
    {
        if (state.Length < IntegerStateBytes)
        {
            throw new FormatException($"A generator's state has at least {IntegerStateBytes} bytes but {state.Length} were found.");
        }

        var words = new ulong[5];
        for (var i = 0; i < words.Length; i++)
        {
            words[i] = BinaryPrimitives.ReadUInt64LittleEndian(state[(i * sizeof(ulong))..]);
        }

        var generator = new Generator(words[0]);
        if (state.Length > IntegerStateBytes)
        {
            using var tensor = Tensor.From(state[IntegerStateBytes..]);
            if (NativeMethods.deutero_generator_set_state(generator.TorchPointer, tensor.Pointer) != 0)
            {
                generator.Dispose();
                throw new FormatException($"{state.Length} bytes are not a generator's state: {NativeMethods.LastError()}.");
            }
        }

        (generator._s0, generator._s1, generator._s2, generator._s3) = (words[1], words[2], words[3], words[4]);
        return generator;
    }

    /// <summary>A new, independent generator for a place in the computation, for example (iteration, task); this one does not advance.</summary>
    /// <param name="path">The numbers that name the place; the same seed and path give the same generator.</param>
    public Generator Derive(params ReadOnlySpan<long> path)
    {
        var state = _seed;
        var hash = SplitMix(ref state);
        foreach (var step in path)
        {
            state = hash ^ unchecked((ulong)step * 0xD1342543DE82EF95UL);
            hash = SplitMix(ref state);
        }

        return new(hash);
    }

    /// <summary>64 random bits.</summary>
    public ulong NextUInt64()
    {
        var result = ulong.RotateLeft(_s1 * 5, 7) * 9;
        var shifted = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= shifted;
        _s3 = ulong.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>An integer in <c>[0, bound)</c>, without bias.</summary>
    /// <param name="bound">At least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The bound is below 1.</exception>
    public int Next(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        var limit = ulong.MaxValue - (ulong.MaxValue % (ulong)bound);
        while (true)
        {
            var bits = NextUInt64();
            if (bits < limit)
            {
                return (int)(bits % (ulong)bound);
            }
        }
    }

    /// <summary>A fraction in <c>[0, 1)</c> with 53 random bits.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Distinct integers of <c>[0, bound)</c> in random order.</summary>
    /// <param name="count">How many, at most <paramref name="bound"/>.</param>
    /// <param name="bound">The exclusive upper bound.</param>
    /// <exception cref="ArgumentOutOfRangeException">More integers are asked for than there are, or fewer than none.</exception>
    public int[] Choose(int count, int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, bound);
        var chosen = new int[count];
        if (count > bound / 4)
        {
            var all = Enumerable.Range(0, bound).ToArray();
            for (var i = 0; i < count; i++)
            {
                var j = i + Next(bound - i);
                (all[i], all[j]) = (all[j], all[i]);
            }

            all.AsSpan(0, count).CopyTo(chosen);
            return chosen;
        }

        var seen = new HashSet<int>(count);
        for (var i = 0; i < count;)
        {
            var candidate = Next(bound);
            if (seen.Add(candidate))
            {
                chosen[i++] = candidate;
            }
        }

        return chosen;
    }

    /// <summary>Uniform random numbers in <c>[low, high)</c>.</summary>
    /// <param name="shape">The sizes of the axes.</param>
    /// <param name="low">The inclusive lower bound.</param>
    /// <param name="high">The exclusive upper bound.</param>
    /// <param name="dtype">The element type.</param>
    public Tensor Uniform(ReadOnlySpan<long> shape, double low = 0, double high = 1, DType dtype = DType.Float32) =>
        Tensor.Rand(shape, this, dtype).Mul((Scalar)(high - low)).Add((Scalar)low);

    /// <summary>Normal random numbers of mean 0.</summary>
    /// <param name="shape">The sizes of the axes.</param>
    /// <param name="deviation">The standard deviation.</param>
    /// <param name="dtype">The element type.</param>
    public Tensor Normal(ReadOnlySpan<long> shape, double deviation = 1, DType dtype = DType.Float32) =>
        Tensor.Randn(shape, this, dtype).Mul((Scalar)deviation);

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private static ulong SplitMix(ref ulong state)
    {
        state += 0x9E3779B97F4A7C15UL;
        var z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    private byte[] TorchState()
    {
        if (_torch == 0)
        {
            return [];
        }

        NativeMethods.Check(NativeMethods.deutero_generator_state(_torch, out var handle), "generator state");
        using var state = new Tensor(handle);
        return state.ToArray<byte>();
    }

    private void Free()
    {
        if (_torch != 0)
        {
            NativeMethods.deutero_generator_free(_torch);
            _torch = 0;
        }
    }
}
