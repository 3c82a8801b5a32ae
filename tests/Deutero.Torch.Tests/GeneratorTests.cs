using static Deutero.Torch.Tests.Numbers;

namespace Deutero.Torch.Tests;

public sealed class GeneratorTests
{
    [Fact]
    public void The_same_seed_gives_the_same_values()
    {
        using var first = Generator.Seed(42);
        using var second = Generator.Seed(42);
        using var other = Generator.Seed(43);

        Assert.Equal(Draw(first), Draw(second));
        Assert.NotEqual(Draw(Generator.Seed(42)), Draw(other));
        Assert.True(first.Normal([100]).BitEquals(second.Normal([100])));
        Assert.False(first.Normal([100]).BitEquals(other.Normal([100])));
    }

    [Fact]
    public void Integers_are_those_of_xoshiro256_starstar_seeded_by_splitmix64()
    {
        // An independent computation of the published algorithms: https://prng.di.unimi.it.
        var (state, s) = (7UL, new ulong[4]);
        for (var i = 0; i < 4; i++)
        {
            state += 0x9E3779B97F4A7C15UL;
            var z = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9UL;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
            s[i] = z ^ (z >> 31);
        }

        var generator = Generator.Seed(7);
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(ulong.RotateLeft(s[1] * 5, 7) * 9, generator.NextUInt64());
            var t = s[1] << 17;
            (s[2], s[3]) = (s[2] ^ s[0], s[3] ^ s[1]);
            (s[1], s[0]) = (s[1] ^ s[2], s[0] ^ s[3]);
            (s[2], s[3]) = (s[2] ^ t, ulong.RotateLeft(s[3], 45));
        }
    }

    [Fact]
    public void Derived_generators_depend_on_the_seed_and_the_path_alone()
    {
        var generator = Generator.Seed(1);
        var before = Draw(generator.Derive(3, 4));
        Draw(generator);
        using var random = generator.Normal([3]);

        Assert.Equal(before, Draw(generator.Derive(3, 4)));
        Assert.Equal(before, Draw(Generator.Seed(1).Derive(3, 4)));
        Assert.Equal(Draw(Generator.Restore(generator.State).Derive(3, 4)), before);
    }

    [Fact]
    public void Deriving_does_not_advance_the_generator()
    {
        var generator = Generator.Seed(1);
        _ = generator.Derive(1);

        Assert.Equal(Draw(Generator.Seed(1)), Draw(generator));
    }

    [Fact]
    public void Ten_thousand_derived_generators_are_all_different_and_look_uniform()
    {
        var generator = Generator.Seed(9);
        var values = (from i in Enumerable.Range(0, 100) from j in Enumerable.Range(0, 100) select generator.Derive(i, j).NextUInt64()).ToArray();

        Assert.Equal(10_000, values.Distinct().Count());
        Uniform([.. values.Select(value => (int)(value >> 60))], 16);
        Assert.NotEqual(generator.Derive(1, 2).NextUInt64(), generator.Derive(2, 1).NextUInt64());
        Assert.NotEqual(generator.Derive(1).NextUInt64(), generator.Derive(1, 0).NextUInt64());
        Assert.NotEqual(generator.Derive(1, 2).NextUInt64(), generator.Derive(1).Derive(3).NextUInt64());
    }

    [Fact]
    public void A_restored_generator_continues_exactly_with_integers()
    {
        var generator = Generator.Seed(5);
        Draw(generator);

        var restored = Generator.Restore(generator.State);

        Assert.Equal(Draw(generator), Draw(restored));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public void A_restored_generator_continues_exactly_with_random_tensors(int before)
    {
        using var generator = Generator.Seed(5);
        for (var i = 0; i < before; i++)
        {
            generator.Normal([3]).Dispose();
        }

        using var restored = Generator.Restore(generator.State);

        Assert.True(generator.Normal([31]).BitEquals(restored.Normal([31])));
        Assert.Equal(Draw(generator), Draw(restored));
        Assert.True(generator.Uniform([17]).BitEquals(restored.Uniform([17])));
        Assert.Equal(generator.State, restored.State);
    }

    [Fact]
    public void What_is_not_a_state_is_refused()
    {
        Assert.Contains("40 bytes but 3 were found", Assert.Throws<FormatException>(() => Generator.Restore([1, 2, 3])).Message, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => Generator.Restore(new byte[41]));
        Assert.Throws<FormatException>(() => Generator.Restore(new byte[6000]));
    }

    [Fact]
    public void Integers_below_a_bound_are_unbiased()
    {
        var generator = Generator.Seed(11);

        Uniform([.. Enumerable.Range(0, 70_000).Select(_ => generator.Next(7))], 7);
        Assert.All(Enumerable.Range(0, 100), _ => Assert.Equal(0, generator.Next(1)));
        Assert.All(Enumerable.Range(0, 100), _ => Assert.InRange(generator.Next(int.MaxValue), 0, int.MaxValue - 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => generator.Next(0));
    }

    [Fact]
    public void Fractions_lie_in_their_interval_and_fill_it()
    {
        var generator = Generator.Seed(12);
        var values = Enumerable.Range(0, 20_000).Select(_ => generator.NextDouble()).ToArray();

        Assert.All(values, value => Assert.True(value is >= 0 and < 1));
        Uniform([.. values.Select(value => (int)(value * 20))], 20);
    }

    [Theory]
    [InlineData(5, 5)]
    [InlineData(3, 6)]
    [InlineData(2, 50)]
    [InlineData(0, 4)]
    public void Chosen_integers_are_distinct_and_below_the_bound(int count, int bound)
    {
        var generator = Generator.Seed(13);
        for (var i = 0; i < 200; i++)
        {
            var chosen = generator.Choose(count, bound);
            Assert.Equal(count, chosen.Distinct().Count());
            Assert.All(chosen, value => Assert.InRange(value, 0, bound - 1));
        }
    }

    [Theory]
    [InlineData(3, 5)]
    [InlineData(2, 16)]
    public void Every_place_of_a_choice_is_uniform(int count, int bound)
    {
        var generator = Generator.Seed(14);
        var choices = Enumerable.Range(0, 20_000).Select(_ => generator.Choose(count, bound)).ToArray();

        for (var place = 0; place < count; place++)
        {
            Uniform([.. choices.Select(choice => choice[place])], bound);
        }
    }

    [Fact]
    public void Every_order_of_a_choice_is_equally_likely()
    {
        var generator = Generator.Seed(15);

        Uniform([.. Enumerable.Range(0, 24_000).Select(_ => generator.Choose(3, 3)).Select(c => (c[0] * 2) + (c[1] > c[2] ? 1 : 0))], 6);
    }

    [Fact]
    public void More_than_there_is_or_less_than_nothing_cannot_be_chosen()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Generator.Seed(1).Choose(4, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => Generator.Seed(1).Choose(-1, 3));
    }

    [Fact]
    public void Random_tensors_have_their_moments()
    {
        using var generator = Generator.Seed(16);
        var normal = generator.Normal([40_000], 2, DType.Float64);
        var uniform = generator.Uniform([40_000], -1, 3, DType.Float64);

        Assert.Equal(0, normal.Mean().ToDouble(), 0.05);
        Assert.Equal(4, normal.Var([0], 1).ToDouble(), 0.15);
        Assert.Equal(1, uniform.Mean().ToDouble(), 0.05);
        Assert.Equal(16.0 / 12, uniform.Var([0], 1).ToDouble(), 0.05);
        Assert.True(uniform.Min().ToDouble() >= -1 && uniform.Max().ToDouble() < 3);
        Assert.Equal(DType.Float32, generator.Normal([2]).DType);
        Close([.. Enumerable.Range(0, 9).Select(i => (double)i)], Tensor.Randperm(9, generator).Sort().Item1);
    }

    [Fact]
    public void Generators_on_many_threads_do_not_disturb_each_other()
    {
        using var reference = Generator.Seed(17).Derive(3).Normal([50]);
        var results = new Tensor[16];
        Parallel.For(0, results.Length, i =>
        {
            using var generator = Generator.Seed(17).Derive(3);
            results[i] = generator.Normal([50]);
        });

        Assert.All(results, result => Assert.True(result.BitEquals(reference)));
    }

    private static ulong[] Draw(Generator generator) => [.. Enumerable.Range(0, 20).Select(_ => generator.NextUInt64())];

    // Chi-square, Wilson and Hilferty's normal approximation: beyond 5 standard deviations once in millions of right generators.
    private static void Uniform(int[] values, int bins)
    {
        var expected = (double)values.Length / bins;
        var statistic = Enumerable.Range(0, bins).Sum(bin => Math.Pow(values.Count(value => value == bin) - expected, 2) / expected);
        var freedom = bins - 1.0;
        var deviation = (Math.Cbrt(statistic / freedom) - (1 - (2 / (9 * freedom)))) / Math.Sqrt(2 / (9 * freedom));
        Assert.InRange(deviation, -5, 5);
    }
}
