using Deutero.Cli.Runs;
using Deutero.Learners;

namespace Deutero.Cli.Tests.Runs;

public sealed class MemoryBudgetTests
{
    private const long Mebibyte = 1 << 20;

    [Theory]
    [InlineData("3GiB", "full", 1)]
    [InlineData("1GiB", "full", 1)]
    [InlineData("1023MiB", "checkpointed", 2)]
    [InlineData("300MiB", "checkpointed", 2)]
    public void First_that_fits_is_chosen_and_told(string budget, string expected, int measured)
    {
        var log = new StringWriter();
        var choice = Choose(budget, new Maml(), log);
        Assert.Equal(expected, Name(choice.Learner));
        Assert.Equal((expected, budget), ((string?)choice.Record!["unrolling"], (string?)choice.Record["budget"]));
        Assert.Equal(measured, choice.Record["peakMemoryBytes"]!.AsObject().Count);
        Assert.Contains($"full needs 1024 MiB", log.ToString(), StringComparison.Ordinal);
        Assert.Contains($"training with {expected}.", log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_smallest_needs_is_named_and_mathematics_is_not_changed()
    {
        var refusal = Assert.Throws<ArgumentException>(() => Choose("299MiB", new Maml(), TextWriter.Null));
        Assert.Contains("checkpointed needs 300 MiB", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("unrolling=first-order", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_user_asks_for_is_not_exchanged()
    {
        Assert.Equal("first-order", Name(Choose("1GiB", new Maml { Unrolling = new Unrolling.FirstOrder() }, TextWriter.Null).Learner));
        Assert.Equal(
            new Unrolling.Checkpointed { Segment = 3 },
            ((Maml)Choose("1GiB", new Maml { Unrolling = new Unrolling.Checkpointed { Segment = 3 } }, TextWriter.Null).Learner).Unrolling);
        Assert.IsType<ProtoNet>(Choose("1GiB", new ProtoNet(), TextWriter.Null).Learner);
        var refusal = Assert.Throws<ArgumentException>(() => Choose("1MiB", new ProtoNet(), TextWriter.Null));
        Assert.Equal("The memory budget is 1MiB but protonet needs 50 MiB.", refusal.Message);
    }

    [Fact]
    public void One_that_is_too_large_for_the_machine_is_passed_over()
    {
        var choice = MemoryBudget.Choose(
            "1GiB", MemoryBudget.Candidates(new Maml()), learner => Name(learner) == "full" ? null : 300 * Mebibyte, TextWriter.Null);
        Assert.Equal("checkpointed", Name(choice.Learner));
    }

    private static MemoryBudget.Choice Choose(string budget, IMetaLearner learner, TextWriter log) =>
        MemoryBudget.Choose(budget, MemoryBudget.Candidates(learner), Peak, log);

    private static long? Peak(IMetaLearner learner) => Mebibyte * Name(learner) switch { "full" => 1024, "checkpointed" => 300, "first-order" => 200, _ => 50 };

    private static string Name(IMetaLearner learner) => learner is IUnrolledLearner { Unrolling: var unrolling }
        ? unrolling switch { Unrolling.Full => "full", Unrolling.Checkpointed => "checkpointed", _ => "first-order" }
        : "";
}
