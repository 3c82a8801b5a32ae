using Deutero.Cli.Configuration;

namespace Deutero.Cli.Tests.Configuration;

public sealed class SpellingTests
{
    [Theory]
    [InlineData("Maml", "maml")]
    [InlineData("ResNet12", "resnet12")]
    [InlineData("ProtoNet", "protonet")]
    [InlineData("Conv4", "conv4")]
    [InlineData("ImplicitMaml", "implicit-maml")]
    [InlineData("NetworkOfNets", "network-of-nets")]
    [InlineData("RBFKernel", "rbf-kernel")]
    public void Names_are_kebab_case(string pascal, string expected) => Assert.Equal(expected, Spelling.Name(pascal));

    [Theory]
    [InlineData("", "abc", 3)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("stpes", "steps", 1)]
    [InlineData("ca", "abc", 3)]
    [InlineData("same", "same", 0)]
    public void Edits_count_a_swap_of_neighbours_as_one(string from, string to, int expected) => Assert.Equal(expected, Spelling.Edits(from, to));

    [Fact]
    public void A_name_without_resemblance_gets_no_suggestion() => Assert.Equal("valid: steps, rate", Spelling.Suggestion("xyzzyxyz", ["steps", "rate"]));
}
