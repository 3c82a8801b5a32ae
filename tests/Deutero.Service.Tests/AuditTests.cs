using System.Text.Json.Nodes;
using Deutero.Client;
using Deutero.Service.Auditing;
using Deutero.Service.Storage;

namespace Deutero.Service.Tests;

public sealed class AuditTests : IAsyncLifetime
{
    private RunningService _service = null!;
    private string _id = "";

    public async ValueTask InitializeAsync()
    {
        _service = await RunningService.Start();
        _id = await _service.Create(2, 2);
        await _service.Post($"/v1/adaptations/{_id}/versions", new Change(RemoveExamples: [1]));
        await _service.Post($"/v1/adaptations/{_id}/rollback", new Rollback(1));
        await _service.Send(HttpMethod.Delete, $"/v1/adaptations/{_id}/examples/2");
        await _service.Send(HttpMethod.Delete, $"/v1/adaptations/{_id}");
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public void Every_change_has_its_line_with_hashes_and_without_contents()
    {
        var lines = AuditVerification.Export(_service.Folder, "local").Select(line => JsonNode.Parse(line)!).ToArray();
        Assert.Equal(
            ["adaptation.create", "adaptation.change", "adaptation.rollback", "example.delete", "adaptation.delete"],
            lines.Select(line => (string)line["action"]!));
        Assert.All(lines, line => Assert.Equal(_id, (string)line["adaptation"]!));
        Assert.Equal($"{1:x64}", (string)lines[0]["modelVersion"]!);
        Assert.Equal(
            ((int[])[0, 1, 2, 3]).Select(i => ExampleContent.HashOf(Small.Glyph(37 * (i / 2), i % 2))), lines[0]["examples"]!.AsArray().Select(hash => (string)hash!));
        Assert.Equal([ExampleContent.HashOf(Small.Glyph(0, 1))], lines[3]["examples"]!.AsArray().Select(hash => (string)hash!));
        Assert.Equal(3, lines[4]["examples"]!.AsArray().Count);
    }

    [Fact]
    public async Task The_service_and_the_file_tell_the_same_log()
    {
        var answer = await _service.Http.GetStringAsync(new Uri("/v1/audit", UriKind.Relative), TestContext.Current.CancellationToken);
        var lines = AuditVerification.Export(_service.Folder, "local");
        Assert.Equal(lines, answer.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        var found = Assert.Single(AuditVerification.OfStore(_service.Folder));
        Assert.Equal(new AuditFinding("local", 5, AuditLog.HashOf(lines[4]), null), found);
        Assert.Equal(found, AuditVerification.OfLines(lines));
    }

    [Fact]
    public void A_changed_a_missing_an_inserted_and_a_foreign_line_are_found()
    {
        var lines = AuditVerification.Export(_service.Folder, "local");
        string? Mistake(params IEnumerable<string> log) => AuditVerification.OfLines(log).Mistake;
        for (var i = 0; i < 4; i++)
        {
            string[] changed = [.. lines];
            changed[i] = lines[i].Replace("\"who\":\"local\"", "\"who\":\"other\"", StringComparison.Ordinal);
            Assert.Contains($"line {i + 1} was changed", Mistake(changed), StringComparison.Ordinal);
            Assert.Contains($"line {i + 1} is missing", Mistake(lines.Where((_, place) => place != i)), StringComparison.Ordinal);
            Assert.NotNull(Mistake([.. lines.Take(i + 1), lines[i], .. lines.Skip(i + 1)]));
        }

        Assert.Contains("not a line", Mistake([.. lines, "{}"]), StringComparison.Ordinal);
        Assert.Contains("not a line", Mistake("nonsense"), StringComparison.Ordinal);
        Assert.Null(Mistake([]));
    }

    [Theory]
    [InlineData(1, "line 1 was changed: line 2 does not follow from it", 1)]
    [InlineData(3, "line 3 was changed: line 4 does not follow from it", 3)]
    [InlineData(5, "line 5 was changed: it is not the last line that was written", 4)]
    public void A_line_that_is_changed_in_the_database_is_named(int line, string said, int right)
    {
        Alter($"UPDATE audit SET line = REPLACE(line, '\"who\":\"local\"', '\"who\":\"other\"') WHERE seq = {line}");
        var found = Assert.Single(AuditVerification.OfStore(_service.Folder));
        Assert.Equal((said, right), (found.Mistake, (int)found.Lines));
    }

    [Fact]
    public void A_chain_without_its_head_is_found_and_so_is_a_head_without_its_chain()
    {
        Alter("DELETE FROM audit_heads");
        Assert.Contains("ends at line 5, but which line was the last", Assert.Single(AuditVerification.OfStore(_service.Folder)).Mistake, StringComparison.Ordinal);
        Alter("DELETE FROM audit");
        Assert.Empty(AuditVerification.OfStore(_service.Folder));
        Alter("INSERT INTO audit_heads VALUES ('anna', 7, 'hash')");
        var found = Assert.Single(AuditVerification.OfStore(_service.Folder));
        Assert.Equal(("anna", "the log ends at line 0, but line 7 was the last that was written"), (found.Tenant, found.Mistake));
    }

    [Fact]
    public async Task A_log_that_is_written_to_while_it_is_verified_is_right()
    {
        using var stop = new CancellationTokenSource();
        var writing = Write();
        for (var i = 0; i < 30; i++)
        {
            Assert.Null(Assert.Single(AuditVerification.OfStore(_service.Folder)).Mistake);
        }

        await stop.CancelAsync();
        await writing;

        async Task Write()
        {
            while (!stop.IsCancellationRequested)
            {
                await _service.Create(2, 1);
            }
        }
    }

    [Fact]
    public void Lines_that_are_missing_at_the_end_of_the_database_are_found()
    {
        Alter("DELETE FROM audit WHERE seq = 5");
        Assert.Contains("line 5 was the last", Assert.Single(AuditVerification.OfStore(_service.Folder)).Mistake, StringComparison.Ordinal);
    }

    private void Alter(string statement)
    {
        using var database = Database.Open(_service.Folder);
        database.Write("local", connection => connection.Run(statement));
    }
}
