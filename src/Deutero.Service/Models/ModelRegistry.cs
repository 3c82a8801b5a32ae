namespace Deutero.Service.Models;

/// <summary>The models that are served. They are replaced and retired while requests run: a request keeps the one that it began with.</summary>
internal sealed class ModelRegistry : IDisposable
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, Shared<ServedModel>> _models = new(StringComparer.Ordinal);

    /// <summary>Told that a model is no longer served under its name.</summary>
    internal event Action<ServedModel>? Retired;

    internal IReadOnlyList<ServedModel> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _models.Values.Select(model => model.Value)];
            }
        }
    }

    /// <summary>Holds on to a model for one request; the caller lets go of it.</summary>
    internal Shared<ServedModel>? Hold(string name)
    {
        lock (_lock)
        {
            // Under the lock the owner's hold is there, so this cannot fail.
            return _models.TryGetValue(name, out var model) && model.TryHold() ? model : null;
        }
    }

    internal bool Serves(ServedModel model)
    {
        lock (_lock)
        {
            return _models.TryGetValue(model.Name, out var served) && ReferenceEquals(served.Value, model);
        }
    }

    internal void Put(ServedModel model)
    {
        Shared<ServedModel>? old;
        lock (_lock)
        {
            _models.Remove(model.Name, out old);
            _models.Add(model.Name, new(model));
        }

        LetGo(old);
    }

    internal bool Retire(string name)
    {
        Shared<ServedModel>? old;
        lock (_lock)
        {
            _models.Remove(name, out old);
        }

        LetGo(old);
        return old is not null;
    }

    public void Dispose()
    {
        foreach (var model in All)
        {
            Retire(model.Name);
        }
    }

    private void LetGo(Shared<ServedModel>? old)
    {
        if (old is not null)
        {
            Retired?.Invoke(old.Value);
            old.LetGo();
        }
    }
}
