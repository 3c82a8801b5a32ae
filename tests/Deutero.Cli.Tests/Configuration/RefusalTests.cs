using Deutero.Cli.Configuration;

namespace Deutero.Cli.Tests.Configuration;

public sealed class RefusalTests
{
    public static TheoryData<Action<int>, string> Refusals => new()
    {
        { steps => ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1, "Steps"), "it must be at least 1" },
        { steps => ArgumentOutOfRangeException.ThrowIfGreaterThan(steps, -9, "Steps"), "it must be at most -9" },
        { steps => ArgumentOutOfRangeException.ThrowIfNegativeOrZero(steps, "value"), "it must be a non-negative and non-zero value" },
        { _ => throw new ArgumentOutOfRangeException("Steps"), "Specified argument was out of the range of valid values" },
        { _ => throw new ArgumentOutOfRangeException("Steps", "Steps must lie in [0, 1)."), "it must lie in [0, 1)" },
        { steps => throw new ArgumentOutOfRangeException("Steps", steps, "Steps is -1; it must be at least 1."), "it must be at least 1" },
        { _ => throw new ArgumentException("Steps is -1; expected a positive number", "Steps"), "expected a positive number" },
        { _ => throw new ArgumentException("every entry must be positive", "Steps"), "every entry must be positive" },
        { _ => throw new ArgumentException("two\nlines\u001b", "Steps"), "two\uFFFDlines\uFFFD" },
    };

    [Theory]
    [MemberData(nameof(Refusals), DisableDiscoveryEnumeration = true)]
    public void What_a_setter_says_becomes_the_end_of_a_sentence(Action<int> setter, string expected) =>
        Assert.Equal(expected, Refusal.Sentence(Assert.ThrowsAny<ArgumentException>(() => setter(-1)), "Steps"));
}
