using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Deutero.Studio.Tests;

/// <summary>A conversation with the browser, or with one of its tabs, over the DevTools protocol.</summary>
internal sealed class DevTools : IDisposable
{
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ClientWebSocket _socket = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonNode>> _asked = new();
    private readonly SemaphoreSlim _sending = new(1);
    private int _last;

    /// <summary>Told what happens, by method and parameters.</summary>
    internal event Action<string, JsonNode>? Happened;

    internal static async Task<DevTools> Connect(Uri address)
    {
        var tools = new DevTools();
        await tools._socket.ConnectAsync(address, CancellationToken.None);
        _ = tools.Listen();
        return tools;
    }

    internal async Task<JsonNode> Send(string method, object? parameters = null)
    {
        var id = Interlocked.Increment(ref _last);
        var answer = _asked[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var message = JsonSerializer.SerializeToUtf8Bytes(new { id, method, @params = parameters ?? new { } });
        await _sending.WaitAsync();
        try
        {
            await _socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }
        finally
        {
            _sending.Release();
        }

        return await answer.Task.WaitAsync(Patience);
    }

    public void Dispose()
    {
        _socket.Dispose();
        _sending.Dispose();
    }

    private async Task Listen()
    {
        var buffer = new byte[1 << 16];
        using var message = new MemoryStream();
        try
        {
            while (_socket.State == WebSocketState.Open)
            {
                var part = await _socket.ReceiveAsync(buffer, CancellationToken.None);
                message.Write(buffer, 0, part.Count);
                if (part.EndOfMessage)
                {
                    Take(JsonNode.Parse(message.ToArray())!);
                    message.SetLength(0);
                }
            }
        }
        catch (Exception closed) when (closed is WebSocketException or ObjectDisposedException or OperationCanceledException or JsonException)
        {
            // The tab is gone; whoever still waits for an answer is told by the limit of patience.
        }
    }

    private void Take(JsonNode message)
    {
        if ((int?)message["id"] is not { } id)
        {
            Happened?.Invoke((string)message["method"]!, message["params"]!);
        }
        else if (_asked.TryRemove(id, out var waiting))
        {
            _ = message["error"] is { } mistake ? waiting.TrySetException(new InvalidOperationException(mistake.ToJsonString())) : waiting.TrySetResult(message["result"]!);
        }
    }
}
