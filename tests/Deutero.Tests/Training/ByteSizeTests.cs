using Deutero.Training;

namespace Deutero.Tests.Training;

public sealed class ByteSizeTests
{
    [Theory]
    [InlineData("2GiB", 2147483648)]
    [InlineData("500MB", 500000000)]
    [InlineData("1.5 kib", 1536)]
    [InlineData("3TB", 3000000000000)]
    [InlineData("64B", 64)]
    public void Amount_with_a_unit_is_read(string text, long expected)
    {
        Assert.True(ByteSize.TryParse(text, out var bytes));
        Assert.Equal(expected, bytes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2")]
    [InlineData("GiB")]
    [InlineData("two GiB")]
    [InlineData("2gigs")]
    [InlineData("-2GiB")]
    [InlineData("0MB")]
    [InlineData("0.5B")]
    [InlineData("1e3MB")]
    [InlineData("2iB")]
    [InlineData("2PB")]
    [InlineData("999999999999TiB")]
    public void Anything_else_is_no_amount_and_no_budget(string text)
    {
        Assert.False(ByteSize.TryParse(text, out var bytes));
        Assert.Equal(0, bytes);
        if (text.Length > 0)
        {
            Assert.Contains("MemoryBudget must be", Assert.Throws<ArgumentException>(() => new TrainingSettings { MemoryBudget = text }).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(1, "1 MiB")]
    [InlineData(2147483648, "2048 MiB")]
    [InlineData(10737418240, "10.0 GiB")]
    public void Amount_is_written_for_people(long bytes, string expected) => Assert.Equal(expected, ByteSize.Format(bytes));
}
