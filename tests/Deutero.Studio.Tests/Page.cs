using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Deutero.Studio.Tests;

/// <summary>A tab of the browser.</summary>
internal sealed class Page : IAsyncDisposable
{
    private readonly DevTools _tools;
    private readonly ConcurrentQueue<string> _complaints = new();

    private Page(DevTools tools)
    {
        _tools = tools;
        tools.Happened += Note;
    }

    /// <summary>Errors and warnings in the browser's console, uncaught exceptions, and refusals of the content security policy.</summary>
    internal IReadOnlyCollection<string> Complaints => _complaints;

    internal static async Task<Page> Attach(Uri address)
    {
        var page = new Page(await DevTools.Connect(address));
        foreach (var domain in (string[])["Page", "Runtime", "Log", "DOM"])
        {
            await page.Send($"{domain}.enable");
        }

        await page.Resize(1280, 860);
        return page;
    }

    internal Task<JsonNode> Send(string method, object? parameters = null) => _tools.Send(method, parameters);

    /// <summary>Opens an address, and waits until the page shows something with this selector.</summary>
    internal async Task Open(Uri address, string selector)
    {
        await Send("Page.navigate", new { url = "about:blank" }); // so that an address that differs in its fragment alone is loaded, too
        await Send("Page.navigate", new { url = address.ToString() });
        await Until($"document.querySelector('{selector}') !== null");
    }

    internal async Task<T> Evaluate<T>(string expression)
    {
        var answer = await Send("Runtime.evaluate", new { expression, returnByValue = true, awaitPromise = true });
        Assert.True(answer["exceptionDetails"] is null, $"{expression}: {answer["exceptionDetails"]?.ToJsonString()}");
        return answer["result"]!["value"].Deserialize<T>()!;
    }

    /// <summary>Waits until an expression is true.</summary>
    internal async Task Until(string expression)
    {
        var clock = Stopwatch.StartNew();
        while (!await Evaluate<bool>($"Boolean({expression})"))
        {
            if (clock.Elapsed > DevTools.Patience)
            {
                Assert.Fail($"Not within {DevTools.Patience.TotalSeconds} s: {expression}. The page shows: {await Evaluate<string>("document.body.innerText")}");
            }

            await Task.Delay(30);
        }
    }

    internal Task<string> Text(string selector) => Evaluate<string>($"document.querySelector({JsonSerializer.Serialize(selector)}).innerText");

    /// <summary>The middle of an element, scrolled into view, once it stays where it is; and its width.</summary>
    internal async Task<(double X, double Y, double Width)> Place(string selector)
    {
        var box = await Evaluate<double[]>($$"""
            (async () => { const found = document.querySelector({{JsonSerializer.Serialize(selector)}});
              const place = () => { found.scrollIntoView({ block: 'center', behavior: 'instant' }); const box = found.getBoundingClientRect();
                return [box.left + box.width / 2, box.top + box.height / 2, box.width]; };
              for (let before = place(); ;) { await new Promise(done => setTimeout(done, 20)); const now = place();
                if (now.every((value, i) => value === before[i])) return now; before = now; } })()
            """);
        return (box[0], box[1], box[2]);
    }

    internal async Task Click(string selector)
    {
        var (x, y, _) = await Place(selector);
        await Mouse("mousePressed", x, y);
        await Mouse("mouseReleased", x, y);
    }

    /// <summary>Draws strokes with the mouse, in coordinates from 0 to 1 of an element.</summary>
    internal async Task Draw(string selector, IReadOnlyList<(double X, double Y)[]> strokes)
    {
        var (x, y, width) = await Place(selector);
        (double X, double Y) At((double X, double Y) point) => (x + ((point.X - 0.5) * width), y + ((point.Y - 0.5) * width));
        foreach (var stroke in strokes)
        {
            var (startX, startY) = At(stroke[0]);
            await Mouse("mousePressed", startX, startY);
            foreach (var point in stroke.Skip(1))
            {
                var (nextX, nextY) = At(point);
                await Mouse("mouseMoved", nextX, nextY);
            }

            var (endX, endY) = At(stroke[^1]);
            await Mouse("mouseReleased", endX, endY);
        }
    }

    /// <summary>One event of the mouse: mousePressed, mouseMoved or mouseReleased, with the left button.</summary>
    internal async Task Mouse(string type, double x, double y) =>
        await Send("Input.dispatchMouseEvent", new
        {
            type,
            x,
            y,
            button = "left",
            buttons = type == "mouseReleased" ? 0 : 1,
            clickCount = type == "mouseMoved" ? 0 : 1,
        });

    internal async Task Press(string key, string? code = null, int virtualKey = 0, int modifiers = 0)
    {
        var text = modifiers != 0 ? "" : key == "Enter" ? "\r" : key.Length == 1 ? key : "";
        foreach (var type in (string[])[text.Length > 0 ? "keyDown" : "rawKeyDown", "keyUp"])
        {
            await Send("Input.dispatchKeyEvent", new { type, key, code = code ?? key, windowsVirtualKeyCode = virtualKey, modifiers, text = type == "keyDown" ? text : "" });
        }
    }

    internal Task Type(string text) => Send("Input.insertText", new { text });

    internal async Task ChooseFiles(string selector, params string[] files)
    {
        var document = await Send("DOM.getDocument");
        var found = await Send("DOM.querySelector", new { nodeId = (int)document["root"]!["nodeId"]!, selector });
        await Send("DOM.setFileInputFiles", new { files, nodeId = (int)found["nodeId"]! });
    }

    internal Task Resize(int width, int height, bool mobile = false) =>
        Send("Emulation.setDeviceMetricsOverride", new { width, height, deviceScaleFactor = mobile ? 2 : 1, mobile });

    internal Task Prefer(string scheme) =>
        Send("Emulation.setEmulatedMedia", new { features = new[] { new { name = "prefers-color-scheme", value = scheme } } });

    internal async Task Screenshot(string path)
    {
        var shot = await Send("Page.captureScreenshot", new { format = "png" });
        await File.WriteAllBytesAsync(path, Convert.FromBase64String((string)shot["data"]!));
    }

    public async ValueTask DisposeAsync()
    {
        await Send("Page.close");
        _tools.Dispose();
    }

    private void Note(string method, JsonNode what)
    {
        var complaint = method switch
        {
            "Runtime.exceptionThrown" => what["exceptionDetails"]!.ToJsonString(),
            "Runtime.consoleAPICalled" when (string)what["type"]! is "error" or "warning" or "assert" => what["args"]!.ToJsonString(),
            "Log.entryAdded" when (string)what["entry"]!["level"]! is "error" or "warning" => what["entry"]!.ToJsonString(),
            _ => null,
        };
        if (complaint is not null)
        {
            _complaints.Enqueue(complaint);
        }
    }
}
