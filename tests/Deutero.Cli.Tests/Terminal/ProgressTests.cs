using Deutero.Cli.Terminal;

namespace Deutero.Cli.Tests.Terminal;

public sealed class ProgressTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly StringWriter _output = new() { NewLine = "\n" };

    public void Dispose() => _output.Dispose();

    private ProgressWriter Writer(bool interactive, int width = 100) => new(_output, interactive, TimeSpan.FromSeconds(10), _time, width);

    [Fact]
    public void A_line_names_position_rates_loss_accuracy_and_time_left()
    {
        var progress = new Progress { Iteration = 1_200, Total = 60_000, TasksPerIteration = 32, Loss = 0.43214, Accuracy = 0.9123 };
        Assert.Equal("1,200/60,000  2.0%  12.3 it/s  392 tasks/s  loss 0.4321  acc 91.2%  1 h 20 min left", ProgressLine.Format(progress, 12.25));
        Assert.Equal("7", ProgressLine.Format(new Progress { Iteration = 7 }, null));
        Assert.Equal("7/7  100.0%  0.50 it/s  loss NaN", ProgressLine.Format(new Progress { Iteration = 7, Total = 7, Loss = double.NaN }, 0.5));
    }

    [Theory]
    [InlineData(0, "0 s")]
    [InlineData(0.2, "1 s")]
    [InlineData(59.5, "1 min 0 s")]
    [InlineData(200, "3 min 20 s")]
    [InlineData(4740, "1 h 19 min")]
    [InlineData(183_600, "2 d 3 h")]
    [InlineData(double.PositiveInfinity, "ages")]
    public void Durations_have_two_units(double seconds, string expected) => Assert.Equal(expected, ProgressLine.Duration(seconds));

    [Fact]
    public void A_log_gets_a_line_every_interval_and_no_control_characters()
    {
        using (var writer = Writer(interactive: false))
        {
            for (var i = 1; i <= 300; i++)
            {
                writer.Report(new Progress { Iteration = i, Total = 300 });
                _time.Advance(100);
            }
        }

        // 30 s: at 0, 10 and 20 s, and the end.
        Assert.Equal(
            ["1/300  0.3%", "101/300  33.7%  10.0 it/s  20 s left", "201/300  67.0%  10.0 it/s  10 s left", "300/300  100.0%  9.97 it/s"],
            _output.ToString().TrimEnd('\n').Split('\n'));
        Assert.DoesNotContain('\u001b', _output.ToString());
        Assert.DoesNotContain('\r', _output.ToString());
    }

    [Fact]
    public void A_terminal_gets_ten_rewritings_a_second_at_most()
    {
        var writer = Writer(interactive: true);
        for (var i = 0; i < 1000; i++)
        {
            writer.Report(new Progress { Iteration = i });
            _time.Advance(1);
        }

        Assert.Equal(10, _output.ToString().Count(c => c == '\r'));
        writer.Dispose();
        Assert.EndsWith("\r999  999 it/s  \n", _output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', _output.ToString());
    }

    [Fact]
    public void A_shorter_line_covers_the_longer_one()
    {
        using var writer = Writer(interactive: true);
        writer.Report(new Progress { Iteration = 1, Loss = 12345 });
        _time.Advance(100);
        writer.Report(new Progress { Iteration = 1 });
        Assert.Equal("\r1  loss 12345.0000\r1                 ", _output.ToString());
    }

    [Fact]
    public void A_line_never_fills_the_terminal()
    {
        using var writer = Writer(interactive: true, width: 20);
        writer.Report(new Progress { Iteration = 123_456, Total = 1_000_000, Loss = 1 });
        Assert.Equal(1 + 19, _output.ToString().Length);
    }

    [Fact]
    public void A_message_stands_on_its_own_line_above_the_progress()
    {
        using var writer = Writer(interactive: true);
        writer.Report(new Progress { Iteration = 1 });
        writer.WriteLine("saved");
        writer.Report(new Progress { Iteration = 2 });
        Assert.Equal("\r1\r \rsaved\n\r2", _output.ToString());
    }

    [Fact]
    public void The_rate_follows_the_last_half_minute()
    {
        using var writer = Writer(interactive: false);
        for (var second = 0; second <= 60; second++)
        {
            // 100 iterations a second for half a minute, then 10.
            writer.Report(new Progress { Iteration = second <= 30 ? second * 100 : 3000 + ((second - 30) * 10) });
            _time.Advance(1000);
        }

        Assert.EndsWith("3,300  10.0 it/s\n", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_resumed_run_counts_only_its_own_iterations()
    {
        using var writer = Writer(interactive: false);
        writer.Report(new Progress { Iteration = 50_000 });
        _time.Advance(10_000);
        writer.Report(new Progress { Iteration = 50_020 });
        Assert.EndsWith("50,020  2.00 it/s\n", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Only_a_terminal_that_is_not_dumb_is_rewritten()
    {
        Assert.True(ProgressWriter.CanRewrite(redirected: false, "xterm-256color"));
        Assert.False(ProgressWriter.CanRewrite(redirected: false, "dumb"));
        Assert.False(ProgressWriter.CanRewrite(redirected: true, "xterm-256color"));
    }
}
