using System.Net;
using System.Net.Sockets;
using Deutero.Torch.Distributed;

namespace Deutero.Torch.Tests.Distributed;

/// <summary>Ranks as threads of this process: to the collectives they are as good as processes.</summary>
internal static class RankThreads
{
    internal static T[] Run<T>(int size, Func<ProcessGroup, T> body)
    {
        using var store = Store.Host(0, TimeSpan.FromSeconds(20));
        var results = new T[size];
        var failures = new Exception?[size];
        var threads = Enumerable.Range(0, size).Select(rank => new Thread(() => failures[rank] = Record.Exception(() =>
        {
            using var group = ProcessGroup.Join(Place(rank, size, store.Port));
            results[rank] = body(group);
            group.Barrier();
        }))).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.All(failures, Assert.Null);
        return results;
    }

    internal static RankEnvironment Place(int rank, int size, int port, bool hosted = true, int joinSeconds = 20) => new()
    {
        Rank = rank, WorldSize = size, MasterAddress = "127.0.0.1", MasterPort = port, LauncherHostsStore = hosted, JoinTimeout = TimeSpan.FromSeconds(joinSeconds),
    };

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
