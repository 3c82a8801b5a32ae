using System.Net;
using System.Net.Http.Headers;

namespace Deutero.Service.Tests;

public sealed class StudioRoutesTests
{
    [Fact]
    public async Task The_page_may_run_its_own_script_and_ask_this_service_and_nothing_else()
    {
        await using var service = await RunningService.Start();
        using var answer = await service.Http.GetAsync(new Uri("/", UriKind.Relative), TestContext.Current.CancellationToken);
        var page = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.SkipWhen(page.StartsWith("The studio was not built", StringComparison.Ordinal), page);
        Assert.Equal(new MediaTypeHeaderValue("text/html", "utf-8"), answer.Content.Headers.ContentType);
        var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("no-cache", answer.Headers.CacheControl!.ToString());
        Assert.DoesNotContain("http://", page, StringComparison.Ordinal); // nothing from elsewhere
        Assert.DoesNotContain("https://", page, StringComparison.Ordinal);

        var script = page.Split('"').Single(part => part.EndsWith(".js", StringComparison.Ordinal));
        using var asset = await service.Http.GetAsync(new Uri(script, UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal("text/javascript", asset.Content.Headers.ContentType!.MediaType);
        Assert.Contains("immutable", asset.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        Assert.InRange((await asset.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).Length, 10_000, 200_000);
    }

    [Fact]
    public async Task Files_are_compressed_for_those_who_ask()
    {
        await using var service = await RunningService.Start();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/favicon.svg");
        request.Headers.AcceptEncoding.ParseAdd("gzip, br");
        using var answer = await service.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.SkipWhen(answer.StatusCode == HttpStatusCode.NotFound, "The studio was not built.");
        Assert.Equal("gzip", Assert.Single(answer.Content.Headers.ContentEncoding));
    }

    [Theory]
    [InlineData("/studio/index.html")]
    [InlineData("/assets/")]
    [InlineData("/assets/..%2findex.html")]
    [InlineData("/index.html.bak")]
    public async Task Nothing_but_the_files_of_the_studio_is_served(string path)
    {
        await using var service = await RunningService.Start();
        Assert.Equal(404, (await service.Get(path)).Status);
    }
}
