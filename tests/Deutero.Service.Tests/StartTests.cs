namespace Deutero.Service.Tests;

public sealed class StartTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("deutero-service-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_service_that_does_not_start_leaves_nothing_open()
    {
        await using var other = await RunningService.Start();
        foreach (var (url, kind) in ((string, Type)[])[(other.Service.Urls[0], typeof(IOException)), ("https://127.0.0.1:0", typeof(ArgumentException))])
        {
            var model = Small.Served("glyphs");
            var refusal = await Assert.ThrowsAnyAsync<Exception>(() => RunningService.Start(_folder, settings => settings with { Urls = [url] }, model));
            Assert.IsType(kind, refusal, exactMatch: false);
            Assert.Throws<ObjectDisposedException>(() =>
            {
                using var adapted = model.Model.Adapt(Small.Support(2, 1));
                return adapted.Predict(Small.Glyph(0, 5));
            });
            Assert.Empty(Directory.EnumerateFiles(_folder, "*-wal")); // the last connection was closed
        }
    }
}
