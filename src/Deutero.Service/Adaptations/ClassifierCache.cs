using Deutero.Edge;
using Deutero.Service.Models;

namespace Deutero.Service.Adaptations;

/// <summary>Adapted classifiers in memory, the least recently asked of which makes room for a new one.</summary>
internal sealed class ClassifierCache : IDisposable
{
    private readonly Lock _lock = new();
    private readonly ModelRegistry _models;
    private readonly int _capacity;
    private readonly Dictionary<Key, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = [];

    internal ClassifierCache(ServiceSettings settings, ModelRegistry models)
    {
        (_models, _capacity) = (models, settings.CachedClassifiers);
        models.Retired += model => Drop(entry => ReferenceEquals(entry.Key.Model, model));
    }

    internal int Count
    {
        get
        {
            lock (_lock)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>The adaptations that have a classifier here.</summary>
    internal IReadOnlyList<string> Adaptations
    {
        get
        {
            lock (_lock)
            {
                return [.. _entries.Keys.Select(key => key.Adaptation).Distinct()];
            }
        }
    }

    /// <summary>Holds on to a classifier for one request; the caller lets go of it. Null where it is not in memory.</summary>
    internal Shared<AdaptedClassifier>? Hold(Key key)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out var node))
            {
                return null;
            }

            _byUse.Remove(node);
            _byUse.AddFirst(node);
            return node.Value.Classifier.TryHold() ? node.Value.Classifier : null;
        }
    }

    internal void Put(Key key, Shared<AdaptedClassifier> classifier)
    {
        lock (_lock)
        {
            // Nobody can ask for these any more: an example that they have seen was deleted.
            Drop(entry => entry.Key.Adaptation == key.Adaptation && entry.Key.Revision < key.Revision);

            // A model that was retired meanwhile has been dropped from here already; what a request adapted from it goes with that request.
            if (!_entries.ContainsKey(key) && _models.Serves(key.Model) && classifier.TryHold())
            {
                _entries.Add(key, _byUse.AddFirst(new Entry(key, classifier)));
            }

            while (_entries.Count > _capacity)
            {
                Remove(_byUse.Last!);
            }
        }
    }

    internal void DropAdaptation(string id) => Drop(entry => entry.Key.Adaptation == id);

    /// <summary>Drops what was adapted before an example was deleted, and what was deleted as a whole.</summary>
    /// <param name="adaptations">The adaptations that were looked for.</param>
    /// <param name="revisions">The revisions of those that were found.</param>
    internal void DropOlder(IReadOnlyCollection<string> adaptations, IReadOnlyDictionary<string, long> revisions) => Drop(entry =>
        adaptations.Contains(entry.Key.Adaptation) && (!revisions.TryGetValue(entry.Key.Adaptation, out var revision) || entry.Key.Revision < revision));

    public void Dispose() => Drop(_ => true);

    private void Drop(Func<Entry, bool> condition)
    {
        lock (_lock)
        {
            foreach (var node in _entries.Values.Where(node => condition(node.Value)).ToArray())
            {
                Remove(node);
            }
        }
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _byUse.Remove(node);
        _entries.Remove(node.Value.Key);
        node.Value.Classifier.LetGo();
    }

    /// <summary>What a classifier was adapted from: the revision changes when an example is deleted, so that no one is asked who has seen it.</summary>
    internal sealed record Key(string Adaptation, int Version, long Revision, ServedModel Model);

    private sealed record Entry(Key Key, Shared<AdaptedClassifier> Classifier);
}
