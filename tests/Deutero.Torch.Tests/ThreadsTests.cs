namespace Deutero.Torch.Tests;

public sealed class ThreadsTests
{
    [Fact]
    public void The_number_of_threads_is_really_per_thread()
    {
        Threads.SetForThisThread(3);
        var (other, after, third) = (0, 0, 0);
        OnThread(() =>
        {
            other = Threads.Current;
            Threads.SetForThisThread(1);
            after = Threads.Current;
        });
        OnThread(() =>
        {
            Threads.SetForThisThread(2);
            third = Threads.Current;
        });

        Assert.Equal(3, Threads.Current);
        Assert.True(other >= 1);
        Assert.Equal((1, 2), (after, third));
        Threads.SetForThisThread(1);
        Assert.Equal(1, Threads.Current);
    }

    [Fact]
    public void Fewer_than_one_thread_is_refused()
    {
        Assert.Contains("at least 1 but is 0", Assert.Throws<TorchException>(() => Threads.SetForThisThread(0)).Message, StringComparison.Ordinal);
        Assert.Throws<TorchException>(() => Threads.SetForProcess(-1));
    }

    private static void OnThread(Action action)
    {
        var thread = new Thread(() => action());
        thread.Start();
        thread.Join();
    }
}
