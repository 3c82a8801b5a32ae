using Deutero.Optimisers;

namespace Deutero.Tests.Optimisers;

public sealed class SchedulesTests
{
    [Fact]
    public void Constant_never_changes() => AssertRates(Schedules.Constant(0.3), (0, 0.3), (1_000_000, 0.3));

    [Fact]
    public void Linear_goes_straight_and_stays() => AssertRates(Schedules.Linear(1, 0, 10), (0, 1), (3, 0.7), (10, 0), (11, 0));

    [Fact]
    public void Cosine_goes_along_half_a_wave_and_stays() => AssertRates(Schedules.Cosine(1, 0.2, 8), (0, 1), (4, 0.6), (8, 0.2), (9, 0.2));

    [Fact]
    public void Step_multiplies_at_regular_intervals() => AssertRates(Schedules.Step(1, 0.5, 2000), (1999, 1), (2000, 0.5), (3999, 0.5), (4000, 0.25));

    private static void AssertRates(Schedule schedule, params (long Step, double Rate)[] expected) =>
        Assert.All(expected, point => Assert.Equal(point.Rate, schedule(point.Step), 1e-12));
}
