using Deutero.Client;
using Deutero.Service.Adaptations;
using Deutero.Service.Storage;
using Deutero.Service.Web;

namespace Deutero.Service.Models;

/// <summary>Loads, replaces and retires models while the service runs, one after the other.</summary>
internal sealed class ModelChanges(ServiceSettings settings, ModelRegistry registry, ModelStore store, InferenceWorkers workers, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Serves a model of the model folder under a name.</summary>
    /// <returns>The model, and whether the name is new.</returns>
    internal Task<(ModelState State, bool IsNew)> Put(Actor actor, string name, NewModel request, CancellationToken cancellation)
    {
        var folder = Folder(name);
        return Serve(name, () => folder.OpenInside(name, request.Path), model => store.Loaded(actor, name, request.Path, model.Version), cancellation);
    }

    /// <summary>Serves a package that comes with the request under a name, and keeps it in the model folder; what is no whole package is not kept.</summary>
    /// <returns>The model, and whether the name is new.</returns>
    internal async Task<(ModelState State, bool IsNew)> Upload(Actor actor, string name, Stream content, CancellationToken cancellation)
    {
        using var package = await UploadedPackage.Receive(Folder(name), content, cancellation);
        return await Serve(name, () => package.Open(name), model => store.Uploaded(actor, name, package.Keep(name), model.Version, package.Sha256), cancellation);
    }

    internal async Task Retire(Actor actor, string name, CancellationToken cancellation)
    {
        Folder();
        await _turn.WaitAsync(cancellation);
        try
        {
            var before = store.PathOf(name);
            var model = registry.All.FirstOrDefault(served => served.Name == name)
                ?? throw ServiceProblem.NotFound($"There is no model '{ItemReader.Shortened(name)}'.");
            store.Retired(actor, name, model.Version);
            registry.Retire(name);
            Discard(before);
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

        UploadedPackage.DropAbandoned(folder, time.GetUtcNow());
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

    private async Task<(ModelState State, bool IsNew)> Serve(string name, Func<ServedModel> open, Action<ServedModel> write, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            // On a worker, as everything that computes: threads of its own would keep memory of their own.
            var model = await workers.Run(() => Opened(open), CancellationToken.None);
            string? before;
            try
            {
                before = store.PathOf(name);
                write(model);
            }
            catch
            {
                model.Dispose();
                throw;
            }

            var isNew = registry.All.All(served => served.Name != name);
            registry.Put(model);
            Discard(before);
            return (model.State, isNew);
        }
        finally
        {
            _turn.Release();
        }
    }

    // An uploaded package that no name has any more; what the operator put into the model folder is never deleted.
    private void Discard(string? path)
    {
        if (path is null || settings.ModelFolder!.UploadAt(path) is not { } file || store.All.Any(model => model.Path == path))
        {
            return;
        }

        try
        {
            File.Delete(file);
        }
        catch (Exception kept) when (kept is IOException or UnauthorizedAccessException)
        {
            // It takes room, and no more.
        }
    }

    private static ServedModel Opened(Func<ServedModel> open)
    {
        try
        {
            return open();
        }
        catch (ArgumentException mistake)
        {
            throw ServiceProblem.Invalid(mistake.Message);
        }
    }

    private ModelFolder Folder(string name)
    {
        var folder = Folder();
        return ServedModel.IsName(name) ? folder : throw ServiceProblem.Invalid($"A model's name must have {ServedModel.NameRule}.");
    }

    private ModelFolder Folder() => settings.ModelFolder ?? throw ServiceProblem.Conflict(
        "The operator allowed no folder to load models from: models are those that the service was started with.");
}
