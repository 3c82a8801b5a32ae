using System.Text.Json.Nodes;
using Deutero.Cli.Commands;
using Deutero.Cli.Runs;
using Deutero.Cli.Tests.EndToEnd;

namespace Deutero.Cli.Tests.Runs;

public sealed class CostTests
{
    [Fact]
    public void Sessions_add_up()
    {
        var sum = new Cost(10, 20, 300, 500).Then(new Cost(1, 2, 30, 400, Processes: 2));
        Assert.Equal(new Cost(11, 22, 330, 500, Sessions: 2, Processes: 2), sum);
        Assert.Equal(sum, Cost.Of(JsonNode.Parse(sum.ToJson().ToJsonString())));
        Assert.Null(sum.Then(new Cost(1, 1, null, 1)).EnergyJoules);
        Assert.Null(Cost.Of(null));
    }

    [Fact]
    public void Energy_is_the_sum_over_packages_and_survives_a_counter_that_starts_again()
    {
        using var folder = new TemporaryFolder();
        Counter(folder["intel-rapl:0"], 9_000_000);
        Counter(folder["intel-rapl:1"], 1_000_000);
        Counter(folder["intel-rapl:0:0"], 0); // a part of the first, which must not count twice
        var counters = new EnergyCounters(folder[""]);
        var before = counters.Read()!;
        Assert.Equal(2, before.Count);
        Counter(folder["intel-rapl:0"], 2_000_000); // 1 J to its end at 10 J, and 2 J
        Counter(folder["intel-rapl:1"], 1_500_000);
        Counter(folder["intel-rapl:0:0"], 7_000_000);
        Assert.Equal(3.5, EnergyCounters.Joules(before, counters.Read()!), 1e-9);
    }

    [Fact]
    public void A_machine_without_counters_reports_none()
    {
        using var folder = new TemporaryFolder();
        Assert.Null(new EnergyCounters(folder[""]).Read());
        Assert.Null(new EnergyCounters(folder["missing"]).Read());
    }

    [Theory]
    [InlineData(10, 1000, 0, 1000, 0)] // 540 s at half a second: all 1,000 fit
    [InlineData(5, 540, 0, 1000, 0)] // 270 s
    [InlineData(5, 490, 100, 1000, 100)] // a validation of 5 s after each hundred: 0.55 s an update
    [InlineData(1, 68, 17, 1000, 100)] // 54 s, of which four validations take 20
    [InlineData(0.5, 34, 17, 1000, 100)] // 27 s, of which 40 % are enough for two validations
    [InlineData(0.1, 10, 0, 1000, 100)] // 5.4 s, too short for one
    [InlineData(10, 900, 500, 900, 500)] // all fit, with their own validations
    [InlineData(0.0001, 1, 0, 1000, 0)]
    public void As_much_is_trained_as_fits(double minutes, int iterations, int validateEvery, int whole, int wholeValidateEvery)
    {
        var budget = TrainingBudget.Fit(minutes, update: 0.5, validation: 5, whole, wholeValidateEvery);
        Assert.Equal((iterations, validateEvery), (budget.Iterations, budget.ValidateEvery));
        Assert.Equal(iterations < whole, budget.Deviation.Contains($"{iterations} of {whole} updates", StringComparison.Ordinal));
    }

    [Fact]
    public void Lists_of_numbers_take_one_line()
    {
        var text = JsonText.Compact(new JsonObject { ["a"] = new JsonArray(1, 2.5, null), ["b"] = new JsonArray("[\n 1 ]"), ["c"] = new JsonArray(new JsonObject { ["d"] = new JsonArray() }) });
        Assert.Contains("\"a\": [1, 2.5, null],", text, StringComparison.Ordinal);
        var back = JsonNode.Parse(text)!;
        Assert.Equal("[\n 1 ]", (string?)back["b"]![0]);
    }

    private static void Counter(string folder, long microjoules)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "energy_uj"), $"{microjoules}\n");
        File.WriteAllText(Path.Combine(folder, "max_energy_range_uj"), "10000000\n");
    }
}
