using System.Diagnostics;
using Deutero.Client;
using Deutero.Service.Auditing;
using Deutero.Service.Keys;
using Deutero.Service.Storage;

namespace Deutero.Service.Tests;

/// <summary>The service on a real PostgreSQL server.</summary>
[Collection(nameof(Alone))]
public sealed class PostgresTests(PostgresServer server)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everything_is_as_with_the_embedded_database()
    {
        var store = server.Database();
        string id, never, first;
        await using (var service = await RunningService.Start(store))
        {
            using var client = Client(service);
            never = await service.Ask(await service.Create(3, 2));
            var made = await client.Create(new("glyphs", RunningService.Classes(3, 0, 3), "letters"), Cancellation);
            id = made.Id;
            foreach (var example in (long[])[3, 6, 9])
            {
                await client.DeleteExample(id, example, Cancellation);
            }

            first = await service.Ask(id);
            Assert.Equal(never, first);
            Assert.Equal(2, (await client.Change(id, new(RemoveClasses: ["class2"]), Cancellation)).Version);
            Assert.Equal(1, (await client.RollBack(id, 1, Cancellation)).Current);
            Assert.Equal(404, (await Assert.ThrowsAsync<DeuteroException>(() => client.DeleteExample(id, 3, Cancellation))).Status);
            Assert.Equal(200, (await service.Get("/v1/adaptations?after=%00")).Status);
            Assert.Equal(200, (await service.Get("/health/ready")).Status);
        }

        await using (var service = await RunningService.Start(store))
        {
            using var client = Client(service);
            Assert.Equal(first, await service.Ask(id));
            Assert.Equal(2, (await client.Versions(id, Cancellation)).Versions.Count);
            await client.Delete(id, Cancellation);
            Assert.Equal(404, (await Assert.ThrowsAsync<DeuteroException>(() => client.Adaptation(id, cancellation: Cancellation))).Status);
            var rows = Database.ReadOnly(store, connection => connection.Rows(row => row.GetInt64(0), "SELECT COUNT(*) FROM examples"))[0];
            Assert.Equal(6, rows); // of the other adaptation
        }

        Assert.Equal((8L, null), (Assert.Single(AuditVerification.OfStore(store)).Lines, AuditVerification.OfStore(store)[0].Mistake));
        Assert.Equal(8, AuditVerification.Export(store, "local").Count);
        using var database = Database.Open(store);
        database.Write("local", connection => connection.Run("DELETE FROM audit WHERE seq = 8"));
        Assert.Contains("line 8 was the last", Assert.Single(AuditVerification.OfStore(store)).Mistake, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_are_made_found_and_revoked()
    {
        var store = server.Database();
        var key = ApiKeys.Create(store, "anna", "laptop", [Scopes.Read], TimeProvider.System);
        Assert.Throws<ArgumentException>(() => ApiKeys.Create(store, "anna", "laptop", [Scopes.Read], TimeProvider.System));
        await using var service = await RunningService.Start(store);
        using var anna = new DeuteroClient(new Uri(service.Service.Urls[0]), key);
        Assert.Single(await anna.Models(Cancellation));
        Assert.True(ApiKeys.Revoke(store, "anna", "laptop"));
        Assert.Equal(401, (await Assert.ThrowsAsync<DeuteroException>(() => anna.Models(Cancellation))).Status);
        Assert.Empty(ApiKeys.List(store));
    }

    [Fact]
    public async Task Two_services_on_one_database_lose_no_change_and_write_one_chain()
    {
        var store = server.Database();
        var run = Directory.CreateTempSubdirectory("deutero-pg-run-").FullName;
        Command.Train(Path.Combine(run, "model"));
        using var first = Command.Serve(store, out var one, "--model", Path.Combine(run, "model"));
        using var second = Command.Serve(store, out var other, "--model", Path.Combine(run, "model"));
        using var here = new DeuteroClient(one);
        using var there = new DeuteroClient(other);
        var shared = await here.Create(new("model", RunningService.Classes(2, 0, 1)), Cancellation);
        var (acknowledged, refused) = (0, 0);
        var clock = Stopwatch.StartNew();
        await Parallel.ForAsync(0, 60, new ParallelOptions { MaxDegreeOfParallelism = 6, CancellationToken = Cancellation }, async (i, cancellation) =>
        {
            var client = i % 2 == 0 ? here : there;
            await client.Create(new("model", RunningService.Classes(2, i % 10, 1)), cancellation);
            try
            {
                await client.Change(shared.Id, new([new("class0", [.. RunningService.Items(0, 1 + (i % 15), 1)])]), cancellation);
                Interlocked.Increment(ref acknowledged);
            }
            catch (DeuteroException conflict) when (conflict.Status == 409)
            {
                Interlocked.Increment(ref refused);
            }
        });
        clock.Stop();

        var versions = await there.Versions(shared.Id, Cancellation);
        Assert.Equal(1 + acknowledged, versions.Versions.Count);
        Assert.Equal(1 + acknowledged, versions.Current);
        Assert.Equal(Enumerable.Range(2, 1 + acknowledged), versions.Versions.Select(version => version.Examples)); // each change is in all later versions
        Assert.Equal(60, acknowledged + refused);
        Assert.InRange(acknowledged, 1, 60);
        Assert.Equal((61L + acknowledged, null), (AuditVerification.OfStore(store)[0].Lines, AuditVerification.OfStore(store)[0].Mistake));
        Item[] items = [.. RunningService.Items(37, 10, 3)];
        Assert.Equal(await Answers(here), await Answers(there));
        TestContext.Current.SendDiagnosticMessage($"{(60 + acknowledged) / clock.Elapsed.TotalSeconds:F0} changes a second of one tenant by two services, {refused} conflicts");

        // What one service deletes, the other does not know any more.
        await here.DeleteExample(shared.Id, 1, Cancellation);
        Assert.Equal(await Answers(here), await Answers(there));
        await Command.End(first);
        await Command.End(second);
        Directory.Delete(run, recursive: true);

        async Task<string> Answers(DeuteroClient client) =>
            string.Join(' ', (await client.Predict(shared.Id, new(items), Cancellation)).Results.SelectMany(result => result.Probabilities.Values.Select(value => value.ToString("R"))));
    }

    [Fact]
    public async Task A_lost_database_is_a_503_until_it_is_back()
    {
        var store = server.Database();
        await using var service = await RunningService.Start(store);
        var id = await service.Create(2, 1);
        var before = await service.Ask(id);
        server.Restart(() =>
        {
            var (status, problem) = service.Get($"/v1/adaptations/{id}").GetAwaiter().GetResult();
            Assert.Equal((503, "urn:deutero:problem:store-unavailable"), (status, (string?)problem["type"]));
            Assert.Equal(503, service.Get("/health/ready").GetAwaiter().GetResult().Status);
            Assert.Equal(200, service.Get("/health/live").GetAwaiter().GetResult().Status);
        });
        Assert.Equal(before, await service.Ask(id));
        Assert.Equal(201, (await service.Post("/v1/adaptations", new NewAdaptation("glyphs", RunningService.Classes(2, 0, 1)))).Status);
    }

    [Theory]
    [InlineData("postgres://localhost/deutero", "a connection string such as")]
    [InlineData("Host=localhost;Nonsense=1", "not as Npgsql expects")]
    [InlineData("Host=/nowhere;Username=deutero", "cannot be used")]
    public async Task A_store_that_cannot_be_used_is_refused_in_a_sentence(string store, string sentence)
    {
        var refusal = await Assert.ThrowsAnyAsync<Exception>(() => RunningService.Start(store));
        Assert.True(refusal is ArgumentException or IOException);
        Assert.Contains(sentence, refusal.Message, StringComparison.Ordinal);
    }

    private static DeuteroClient Client(RunningService service) => new(new Uri(service.Service.Urls[0]));
}
