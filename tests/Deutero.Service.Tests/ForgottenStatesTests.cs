using Deutero.Client;
using Deutero.Learners;
using Deutero.Models;
using Deutero.Service.Adaptations;
using Deutero.Service.Models;
using Deutero.Service.Storage;
using Deutero.Tasks;
using Deutero.Torch;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Deutero.Service.Tests;

/// <summary>What was adapted from a deleted example is nowhere in memory.</summary>
public sealed class ForgottenStatesTests
{
    [Fact]
    public async Task A_state_whose_example_is_deleted_while_it_is_adapted_is_not_kept()
    {
        var learner = new Watched();
        await using var service = await RunningService.Start(
            settings: settings => settings with { CachedClassifiers = 1 }, models: Small.Served("glyphs") with { Model = Small.WithStatistics(learner, new Conv4 { Filters = 8 }) });
        var (cache, engine) = (service.Service.Services.GetRequiredService<ClassifierCache>(), service.Service.Services.GetRequiredService<AdaptationEngine>());
        var id = await service.Create(2, 2);
        await service.Create(2, 1); // takes the place in memory, so that the next question adapts again
        learner.OnAdapt = () => engine.Erase(Actor.Local, id, 1);
        Assert.Equal(200, (await service.Post($"/v1/adaptations/{id}/predictions", new NewPredictions([.. RunningService.Items(0, 5, 1)]))).Status);
        learner.OnAdapt = null;
        Assert.DoesNotContain(id, cache.Adaptations);
        await service.Ask(id);
        Assert.Contains(id, cache.Adaptations);
    }

    [Fact]
    public void A_state_takes_the_place_of_those_before_a_deletion()
    {
        var models = new ModelRegistry();
        var model = Small.Served("glyphs");
        models.Put(model);
        using var cache = new ClassifierCache(new ServiceSettings { Store = "" }, models);
        void Put(string adaptation, int version, long revision)
        {
            using var adapted = new Holding<Edge.AdaptedClassifier>(new(model.Model.Adapt(Small.Support(2, 1))));
            cache.Put(new(adaptation, version, revision, model), adapted.Shared);
        }

        Put("a", 1, 0);
        Put("a", 2, 0);
        Put("b", 1, 0);
        Put("a", 2, 1);
        Assert.Null(cache.Hold(new("a", 1, 0, model)));
        Assert.Null(cache.Hold(new("a", 2, 0, model)));
        Assert.Equal(2, cache.Count);
        models.Dispose();
    }

    [Fact]
    public async Task What_another_service_deletes_is_dropped_from_memory()
    {
        await using var here = await RunningService.Start();
        await using var there = await RunningService.Start(here.Folder);
        var (changed, deleted, kept) = (await here.Create(2, 2), await here.Create(2, 1), await here.Create(2, 1));
        var services = here.Service.Services;
        var cache = services.GetRequiredService<ClassifierCache>();
        Assert.Equal(204, (await there.Send(HttpMethod.Delete, $"/v1/adaptations/{changed}/examples/1")).Status);
        Assert.Equal(204, (await there.Send(HttpMethod.Delete, $"/v1/adaptations/{deleted}")).Status);
        Assert.Equal(3, cache.Count);
        services.GetServices<IHostedService>().OfType<DeletedElsewhere>().Single().Drop();
        Assert.Equal([kept], cache.Adaptations);
    }

    [Fact]
    public async Task A_change_knows_its_hashes_whatever_is_deleted_after_it()
    {
        var folder = Directory.CreateTempSubdirectory("deutero-service-").FullName;
        using (var database = Database.Open(folder))
        {
            var store = new AdaptationStore(database, new(database, TimeProvider.System), TimeProvider.System);
            var made = await store.Create(Actor.Local, "id", "", "glyphs", "1", [new("a", [], [New(0, 0)]), new("b", [], [New(37, 0)])]);
            var changed = await store.Append(Actor.Local, made.Version, "1", [new("a", [1], [New(0, 1)]), new("b", [2], [])]);
            var back = await store.RollBack(Actor.Local, made.Version);
            store.Erase(Actor.Local, back.Version, 1);
            Assert.Equal([ExampleContent.HashOf(Small.Glyph(0, 0)), ExampleContent.HashOf(Small.Glyph(37, 0))], Hashes(made));
            Assert.Equal([.. Hashes(made), ExampleContent.HashOf(Small.Glyph(0, 1))], Hashes(changed));
            Assert.Equal(Hashes(changed), Hashes(back));
            Assert.Throws<Web.ServiceProblem>(() => store.Examples(changed.Version));
        }

        Directory.Delete(folder, recursive: true);

        static NewExample New(int character, int item) => new(ExampleContent.Of(Item.Of(Small.Glyph(character, item)), Small.Glyph(character, item)), Small.Glyph(character, item));

        static IEnumerable<string> Hashes(WrittenVersion written) => written.Hashes.OrderBy(one => one.Key).Select(one => one.Value);
    }

    /// <summary>A prototypical network that lets a test do something in the middle of an adaptation.</summary>
    private sealed record Watched : IMetaLearner
    {
        private readonly ProtoNet _learner = new();

        internal Action? OnAdapt { get; set; }

        public int HeadWidth(int outputs) => _learner.HeadWidth(outputs);

        public Parameters Init(IModel model, Generator random) => _learner.Init(model, random);

        public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random)
        {
            OnAdapt?.Invoke();
            return _learner.Adapt(model, theta, support, random);
        }

        public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) => _learner.MetaGradient(model, theta, episode, random);
    }
}
