using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Deutero.Torch.Native;

namespace Deutero.Torch.Distributed;

/// <summary>The key-value store through which the processes of a run find each other: c10d's TCPStore. Safe for use from many threads.</summary>
public sealed class Store : IDisposable
{
    private static readonly TimeSpan s_betweenAttempts = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_betweenLooks = TimeSpan.FromMilliseconds(20);

    private readonly string _place;
    private nint _handle;

    private Store(nint handle, string place) => (_handle, _place) = (handle, place);

    /// <summary>Frees the store.</summary>
    ~Store() => Free();

    /// <summary>The port that the store listens on.</summary>
    public int Port => NativeMethods.deutero_store_port(Handle);

    private nint Handle => _handle != 0 ? _handle : throw new ObjectDisposedException(nameof(Store));

    /// <summary>Hosts a store on this machine.</summary>
    /// <param name="port">The port; 0 takes a free one.</param>
    /// <param name="timeout">How long <see cref="Get"/> waits for a key.</param>
    /// <exception cref="DistributedException">The port is in use or may not be used.</exception>
    public static Store Host(int port, TimeSpan timeout)
    {
        if (port != 0 && RefusalOf(port) is { } refusal)
        {
            throw new DistributedException($"The store cannot listen on port {port}: {refusal}; choose another MASTER_PORT.");
        }

        return Open("localhost", port, isServer: true, timeout);
    }

    /// <summary>Connects to a store, and waits until there is one.</summary>
    /// <param name="host">The name or address of its machine.</param>
    /// <param name="port">Its port.</param>
    /// <param name="timeout">How long to wait for the store, and how long <see cref="Get"/> waits for a key.</param>
    /// <exception cref="DistributedException">There was none in that time.</exception>
    public static Store Connect(string host, int port, TimeSpan timeout)
    {
        WaitForListener(host, port, timeout);
        return Open(host, port, isServer: false, timeout);
    }

    /// <summary>Sets a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value.</param>
    /// <exception cref="DistributedException">The store is gone.</exception>
    public unsafe void Set(string key, string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        fixed (byte* data = bytes)
        {
            Check(NativeMethods.deutero_store_set(Handle, key, data, bytes.Length), $"setting '{key}'");
        }
    }

    /// <summary>The value of a key, for which it waits.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="DistributedException">Nobody set the key in time, or the store is gone.</exception>
    public unsafe string Get(string key)
    {
        Check(NativeMethods.deutero_store_get(Handle, key, out var data, out var length), $"getting '{key}'");
        return Encoding.UTF8.GetString(data, (int)length);
    }

    /// <summary>Adds to a counter, which begins at 0.</summary>
    /// <param name="key">The key; only counters may be added to.</param>
    /// <param name="amount">What to add; 0 reads the counter.</param>
    /// <returns>The counter after adding.</returns>
    /// <exception cref="DistributedException">The store is gone.</exception>
    public long Add(string key, long amount)
    {
        Check(NativeMethods.deutero_store_add(Handle, key, amount, out var total), $"adding to '{key}'");
        return total;
    }

    /// <summary>Whether somebody set a key.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="DistributedException">The store is gone.</exception>
    public bool Has(string key)
    {
        Check(NativeMethods.deutero_store_has(Handle, key, out var found), $"looking for '{key}'");
        return found != 0;
    }

    /// <summary>Waits for a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="timeout">How long.</param>
    /// <returns>Whether it was set in time.</returns>
    /// <exception cref="DistributedException">The store is gone.</exception>
    public bool Wait(string key, TimeSpan timeout) => Poll(() => Has(key), s_betweenLooks, timeout);

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    internal nint OpenGroup(string prefix, int rank, int size, string address, TimeSpan timeout)
    {
        Check(NativeMethods.deutero_group_open(Handle, prefix, rank, size, address, (long)timeout.TotalMilliseconds, out var group), "connecting the ranks");
        return group;
    }

    private static Store Open(string host, int port, bool isServer, TimeSpan timeout)
    {
        var place = $"{host}:{port}";
        return NativeMethods.deutero_store_open(host, port, isServer ? 1 : 0, (long)timeout.TotalMilliseconds, out var handle) == 0
            ? new Store(handle, place)
            : throw new DistributedException($"The store at {place} could not be {(isServer ? "hosted" : "reached")}: {FirstLine(NativeMethods.LastError())}.");
    }

    // libtorch would say it in a dozen lines, and try every protocol.
    private static string? RefusalOf(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            return null;
        }
        catch (SocketException refusal)
        {
            return refusal.Message;
        }
    }

    private static void WaitForListener(string host, int port, TimeSpan timeout)
    {
        using var deadline = new CancellationTokenSource(timeout);
        var reason = "no answer";
        bool Listens()
        {
            using var socket = new TcpClient();
            try
            {
                socket.ConnectAsync(host, port, deadline.Token).AsTask().GetAwaiter().GetResult();
                return true;
            }
            catch (SocketException refusal)
            {
                reason = refusal.Message;
                return false;
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }

        if (!Poll(Listens, s_betweenAttempts, timeout))
        {
            throw new DistributedException(
                $"The master at {host}:{port} could not be reached within {timeout.TotalSeconds:0} s ({reason}): check MASTER_ADDR and MASTER_PORT, and that rank 0 runs.");
        }
    }

    private static bool Poll(Func<bool> condition, TimeSpan pause, TimeSpan timeout)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            if (watch.Elapsed > timeout)
            {
                return false;
            }

            Thread.Sleep(pause);
        }

        return true;
    }

    private static string FirstLine(string text) => text.Trim().Split('\n')[0].TrimEnd('.');

    private void Check(int status, string action)
    {
        if (status != 0)
        {
            throw new DistributedException($"The store at {_place} failed at {action}: {FirstLine(NativeMethods.LastError())}.", peerLost: true);
        }
    }

    private void Free()
    {
        if (_handle != 0)
        {
            NativeMethods.deutero_store_free(_handle);
            _handle = 0;
        }
    }
}
