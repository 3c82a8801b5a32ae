namespace Deutero.Studio.Tests;

public sealed class ExplorerTests(StudioFixture studio)
{
    [Fact]
    public async Task The_explorer_shows_every_request_sends_one_and_nothing_complains()
    {
        await using var page = await studio.Open("teach", ".ask .pad canvas");
        await page.Open(new(studio.Address(""), "/explorer/"), ".opblock");
        Assert.InRange(await page.Evaluate<int>("document.querySelectorAll('.opblock').length"), 15, 50);
        Assert.True(await page.Evaluate<bool>("document.querySelector('.btn.authorize') !== null"));
        const string models = "[...document.querySelectorAll('.opblock-get')].find(one => one.innerText.includes('/v1/models'))";
        await page.Evaluate<bool>($"{models}.querySelector('button').click() || true");
        await page.Until($"{models}.querySelector('.try-out__btn') !== null");
        await page.Evaluate<bool>($"{models}.querySelector('.try-out__btn').click() || true");
        await page.Until($"{models}.querySelector('.execute') !== null");
        await page.Evaluate<bool>($"{models}.querySelector('.execute').click() || true");
        await page.Until($"{models}.innerText.includes('\"glyphs\"')");
        Assert.Empty(page.Complaints);
    }
}
