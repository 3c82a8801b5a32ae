using Deutero.Client;
using Deutero.Service.Adaptations;
using Deutero.Service.Storage;
using Deutero.Service.Web;

namespace Deutero.Service.Models;

/// <summary>Loads, replaces and retires models while the service runs, one after the other.</summary>
internal sealed class ModelChanges(ServiceSettings settings, ModelRegistry registry, ModelStore store, InferenceWorkers workers) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Serves a model of the model folder under a name.</summary>
    /// <returns>The model, and whether the name is new.</returns>
    internal async Task<(ModelState State, bool IsNew)> Put(Actor actor, string name, NewModel request, CancellationToken cancellation)
    {
        var folder = Folder();
        if (!ServedModel.IsName(name))
        {
            throw ServiceProblem.Invalid($"A model's name must have {ServedModel.NameRule}.");
        }

        await _turn.WaitAsync(cancellation);
        try
        {
            // On a worker, as everything that computes: threads of its own would keep memory of their own.
            var model = await workers.Run(() => Opened(folder, name, request.Path), CancellationToken.None);
            var isNew = registry.All.All(served => served.Name != name);
            try
            {
                store.Loaded(actor, name, request.Path, model.Version);
            }
            catch
            {
                model.Dispose();
                throw;
            }

            registry.Put(model);
            return (model.State, isNew);
        }
        finally
        {
            _turn.Release();
        }
    }

    internal async Task Retire(Actor actor, string name, CancellationToken cancellation)
    {
        Folder();
        await _turn.WaitAsync(cancellation);
        try
        {
            var model = registry.All.FirstOrDefault(served => served.Name == name)
                ?? throw ServiceProblem.NotFound($"There is no model '{ItemReader.Shortened(name)}'.");
            store.Retired(actor, name, model.Version);
            registry.Retire(name);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>What was loaded and retired before the service was started again.</summary>
    /// <exception cref="ArgumentException">A model is not in the folder any more.</exception>
    internal void Restore()
    {
        if (settings.ModelFolder is not { } folder)
        {
            return;
        }

        foreach (var (name, path) in store.All)
        {
            if (path is null)
            {
                registry.Retire(name);
                continue;
            }

            try
            {
                registry.Put(folder.OpenInside(name, path));
            }
            catch (ArgumentException lost)
            {
                throw new ArgumentException($"The model '{name}', which was loaded from '{path}', cannot be served again: {lost.Message}", lost);
            }
        }
    }

    public void Dispose() => _turn.Dispose();

    private static ServedModel Opened(ModelFolder folder, string name, string path)
    {
        try
        {
            return folder.OpenInside(name, path);
        }
        catch (ArgumentException mistake)
        {
            throw ServiceProblem.Invalid(mistake.Message);
        }
    }

    private ModelFolder Folder() => settings.ModelFolder ?? throw ServiceProblem.Conflict(
        "The operator allowed no folder to load models from: models are those that the service was started with.");
}
