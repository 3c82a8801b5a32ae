using System.Diagnostics;

namespace Deutero.Studio.Tests;

/// <summary>
/// A headless Chromium, driven over its DevTools protocol. That is a web socket and JSON, which .NET has: browser drivers would add 136 MB to each
/// build's output (Microsoft.Playwright) or a second test runner (playwright-core).
/// </summary>
internal sealed class Chromium : IAsyncDisposable
{
    private static readonly string[] s_places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private readonly Process _process;
    private readonly string _profile;
    private readonly Uri _address;
    private readonly DevTools _tools;

    private Chromium(Process process, string profile, Uri address, DevTools tools) => (_process, _profile, _address, _tools) = (process, profile, address, tools);

    /// <summary>The browser's program; null where there is none.</summary>
    internal static string? Program => s_places.FirstOrDefault(File.Exists);

    internal static async Task<Chromium> Start(string program)
    {
        var profile = Directory.CreateTempSubdirectory("deutero-chromium-").FullName;
        var process = Process.Start(new ProcessStartInfo(program,
        [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions", "--disable-background-networking",
            "--remote-debugging-port=0", $"--user-data-dir={profile}", "about:blank",
        ])
        { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var address = new TaskCompletionSource<Uri>();
        process.ErrorDataReceived += (_, line) =>
        {
            const string announcement = "DevTools listening on ";
            if (line.Data?.StartsWith(announcement, StringComparison.Ordinal) == true)
            {
                address.TrySetResult(new(line.Data[announcement.Length..]));
            }
        };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        var place = await address.Task.WaitAsync(TimeSpan.FromSeconds(60));
        return new(process, profile, place, await DevTools.Connect(place));
    }

    /// <summary>Opens a tab that shares nothing with others.</summary>
    internal async Task<Page> Open()
    {
        var context = (string)(await _tools.Send("Target.createBrowserContext"))["browserContextId"]!;
        var tab = (string)(await _tools.Send("Target.createTarget", new { url = "about:blank", browserContextId = context }))["targetId"]!;
        return await Page.Attach(new($"ws://{_address.Authority}/devtools/page/{tab}"));
    }

    public async ValueTask DisposeAsync()
    {
        _tools.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        try
        {
            Directory.Delete(_profile, recursive: true);
        }
        catch (IOException)
        {
            // A child of the browser was still writing; the folder for temporary files is emptied by the system.
        }
    }
}
