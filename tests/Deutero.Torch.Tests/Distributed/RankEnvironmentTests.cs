using Deutero.Torch.Distributed;

namespace Deutero.Torch.Tests.Distributed;

public sealed class RankEnvironmentTests
{
    private static readonly Dictionary<string, string> s_complete = new()
    {
        ["RANK"] = "3", ["WORLD_SIZE"] = "4", ["MASTER_ADDR"] = "node0", ["MASTER_PORT"] = "29500", ["LOCAL_RANK"] = "1", ["LOCAL_WORLD_SIZE"] = "2",
        ["TORCHELASTIC_RESTART_COUNT"] = "5", ["TORCHELASTIC_USE_AGENT_STORE"] = "True", ["DEUTERO_JOIN_SECONDS"] = "7",
    };

    [Fact]
    public void The_variables_of_torchrun_are_understood_and_written_alike()
    {
        var environment = RankEnvironment.Read(s_complete.GetValueOrDefault)!;
        Assert.Equal(
            new RankEnvironment
            {
                Rank = 3, WorldSize = 4, MasterAddress = "node0", MasterPort = 29500, LocalRank = 1, LocalWorldSize = 2, Attempt = 5, LauncherHostsStore = true,
                JoinTimeout = TimeSpan.FromSeconds(7),
            },
            environment);
        Assert.Equal(s_complete, environment.Variables().ToDictionary(pair => pair.Name, pair => pair.Value));
    }

    [Fact]
    public void A_process_without_ranks_is_alone() => Assert.Null(RankEnvironment.Read(_ => null));

    [Theory]
    [InlineData("RANK", "4", "RANK is '4' but must be a whole number from 0 to 3.")]
    [InlineData("RANK", "-1", "RANK is '-1' but must be a whole number from 0 to 3.")]
    [InlineData("WORLD_SIZE", "many", "WORLD_SIZE is 'many' but must be a whole number from 1 to 65536.")]
    [InlineData("MASTER_PORT", "0", "MASTER_PORT is '0' but must be a whole number from 1 to 65535.")]
    [InlineData("MASTER_ADDR", null, "The environment has RANK or WORLD_SIZE but no MASTER_ADDR: the address of rank 0's machine.")]
    [InlineData("RANK", null, "The environment has RANK or WORLD_SIZE but no RANK: a run of several processes needs RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT.")]
    public void A_wrong_variable_is_named(string name, string? value, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<ArgumentException>(() => RankEnvironment.Read(asked => asked == name ? value : s_complete.GetValueOrDefault(asked))).Message);
}
