using Deutero.Torch.Distributed;

namespace Deutero.Torch.Tests.Distributed;

public sealed class StoreTests
{
    [Fact]
    public void What_one_client_sets_another_one_gets()
    {
        using var host = Store.Host(0, TimeSpan.FromSeconds(5));
        using var client = Store.Connect("127.0.0.1", host.Port, TimeSpan.FromSeconds(5));
        client.Set("greeting", "grüß dich");
        Assert.Equal("grüß dich", host.Get("greeting"));
        Assert.Equal((true, false), (client.Has("greeting"), client.Has("farewell")));
        Assert.Equal([2, 5, 5], [host.Add("count", 2), client.Add("count", 3), host.Add("count", 0)]);
    }

    [Fact]
    public void Waiting_ends_when_a_key_is_set_or_the_time_is_over()
    {
        using var host = Store.Host(0, TimeSpan.FromSeconds(5));
        Assert.False(host.Wait("key", TimeSpan.FromMilliseconds(50)));
        using var client = Store.Connect("127.0.0.1", host.Port, TimeSpan.FromSeconds(5));
        using var later = new Timer(_ => client.Set("key", ""), null, 100, Timeout.Infinite);
        Assert.True(host.Wait("key", TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void A_store_that_is_gone_and_a_key_that_nobody_sets_are_one_sentence()
    {
        var host = Store.Host(0, TimeSpan.FromSeconds(1));
        using var client = Store.Connect("127.0.0.1", host.Port, TimeSpan.FromSeconds(1));
        var place = $"The store at 127.0.0.1:{host.Port} failed at getting 'key': ";
        Assert.StartsWith(place, Assert.Throws<DistributedException>(() => client.Get("key")).Message, StringComparison.Ordinal);
        host.Dispose();
        var gone = Assert.Throws<DistributedException>(() => client.Get("key"));
        Assert.StartsWith(place, gone.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', gone.Message);
        Assert.Throws<ObjectDisposedException>(() => host.Get("key"));
    }
}
