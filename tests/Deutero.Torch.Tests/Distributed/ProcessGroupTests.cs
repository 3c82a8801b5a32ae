using System.Diagnostics;
using Deutero.Torch.Distributed;

namespace Deutero.Torch.Tests.Distributed;

public sealed class ProcessGroupTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Every_rank_gets_the_sum_and_keeps_its_own_tensor(int size)
    {
        var sums = RankThreads.Run(size, group =>
        {
            using var own = Tensor.From([1f + group.Rank, 10f * group.Rank]);
            var sum = group.AllReduce(own).ToArray<float>();
            Assert.Equal([1f + group.Rank, 10f * group.Rank], own.ToArray<float>());
            return sum;
        });
        Assert.All(sums, sum => Assert.Equal([size * (size + 1) / 2f, 10f * size * (size - 1) / 2], sum));
    }

    [Fact]
    public void Several_tensors_are_added_in_one_message_and_keep_their_shapes()
    {
        var sums = RankThreads.Run(2, group => group.AllReduce([Tensor.From([1f, 2, 3, 4], 2, 2), Tensor.Of(group.Rank), Tensor.From([5f, 6, 7])]));
        Assert.All(sums, sum =>
        {
            Assert.Equal([[2, 2], [], [3]], sum.Select(tensor => tensor.Shape));
            Assert.Equal([2f, 4, 6, 8], sum[0].ToArray<float>());
            Assert.Equal([1f], sum[1].ToArray<float>());
            Assert.Equal([10f, 12, 14], sum[2].ToArray<float>());
        });
    }

    [Fact]
    public void What_is_gathered_comes_in_order_of_rank_in_any_element_type()
    {
        var rows = RankThreads.Run(3, group => group.AllGather(Tensor.From([group.Rank + 0.5f, -1]).To(DType.BFloat16)));
        Assert.All(rows, all =>
        {
            Assert.Equal([3, 2], all.Shape);
            Assert.Equal(DType.BFloat16, all.DType);
            Assert.Equal([0.5f, -1, 1.5f, -1, 2.5f, -1], all.To(DType.Float32).ToArray<float>());
        });
    }

    [Fact]
    public void Each_rank_gets_its_row_of_every_other()
    {
        var rows = RankThreads.Run(3, group => group.AllToAll(Tensor.From([10f * group.Rank, (10f * group.Rank) + 1, (10f * group.Rank) + 2], 3, 1)).ToArray<float>());
        Assert.Equal([[0f, 10, 20], [1f, 11, 21], [2f, 12, 22]], rows);
    }

    [Fact]
    public void Tensors_and_bytes_of_one_rank_reach_all()
    {
        var got = RankThreads.Run(3, group => (
            group.Broadcast(Tensor.From([group.Rank, 7]), root: 2).ToArray<int>(), group.Broadcast(group.Rank == 0 ? [1, 2, 3] : []), group.AllGather(new byte[group.Rank])));
        Assert.All(got, one =>
        {
            Assert.Equal([2, 7], one.Item1);
            Assert.Equal([1, 2, 3], one.Item2);
            Assert.Equal([0, 1, 2], one.Item3.Select(bytes => bytes.Length));
        });
    }

    [Fact]
    public void The_same_number_of_ranks_gives_the_same_bits()
    {
        float[][] Sum() => RankThreads.Run(3, group =>
        {
            using var random = Generator.Seed(5).Derive(group.Rank);
            return group.AllReduce(random.Normal([10_007])).ToArray<float>();
        });
        var first = Sum();
        Assert.All([.. first, .. Sum()], sum => Assert.Equal(first[0], sum));
    }

    [Fact]
    public void A_rank_that_ends_is_noticed_within_five_seconds()
    {
        using var store = Store.Host(0, TimeSpan.FromSeconds(20));
        var leaving = new Thread(() => ProcessGroup.Join(RankThreads.Place(1, 2, store.Port)).Dispose());
        leaving.Start();
        using var group = ProcessGroup.Join(RankThreads.Place(0, 2, store.Port));
        leaving.Join();
        var watch = Stopwatch.StartNew();
        var lost = Assert.Throws<DistributedException>(() => group.AllReduce(Tensor.Of(1)));
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 5);
        Assert.True(lost.PeerLost);
        Assert.StartsWith("Rank 0 of 2 lost another rank during AllReduce: ", lost.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', lost.Message);
    }

    [Fact]
    public void A_launcher_can_ask_all_ranks_to_stop()
    {
        var stopped = RankThreads.Run(2, group =>
        {
            Assert.False(group.Stopping.IsCancellationRequested);
            group.Barrier();
            if (group.Rank == 0)
            {
                ProcessGroup.RequestStop(group.Store);
            }

            return group.Stopping.WaitHandle.WaitOne(TimeSpan.FromSeconds(10));
        });
        Assert.All(stopped, Assert.True);
    }

    [Fact]
    public void Ranks_that_do_not_meet_are_refused_in_one_sentence()
    {
        using var store = Store.Host(0, TimeSpan.FromSeconds(5));
        Refused("1 of 3 ranks came within 1 s; missing: 1, 2.", () => ProcessGroup.Join(RankThreads.Place(0, 3, store.Port, joinSeconds: 1)));
        Refused("Two processes have RANK 0: every process of a run needs a rank of its own.", () => ProcessGroup.Join(RankThreads.Place(0, 3, store.Port, joinSeconds: 1)));
        Refused("Rank 0 has WORLD_SIZE 3 but rank 1 has 2: all processes of a run need the same.", () => ProcessGroup.Join(RankThreads.Place(1, 2, store.Port)));
        Refused(
            $"The store cannot listen on port {store.Port}: Address already in use; choose another MASTER_PORT.",
            () => ProcessGroup.Join(RankThreads.Place(0, 1, store.Port, hosted: false)));
        var nobody = RankThreads.FreePort();
        Refused(
            $"The master at 127.0.0.1:{nobody} could not be reached within 1 s (Connection refused): check MASTER_ADDR and MASTER_PORT, and that rank 0 runs.",
            () => ProcessGroup.Join(RankThreads.Place(1, 2, nobody, joinSeconds: 1)));
    }

    private static void Refused(string sentence, Func<ProcessGroup> join)
    {
        var refusal = Assert.Throws<DistributedException>(join);
        Assert.Equal((sentence, false), (refusal.Message, refusal.PeerLost));
    }
}
