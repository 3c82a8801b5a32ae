using System.Data.Common;
using Deutero.Service.Storage;
using Microsoft.Extensions.Hosting;

namespace Deutero.Service.Adaptations;

/// <summary>Drops classifiers from memory whose examples another service on the same database deleted. No request is answered by them, but they were adapted from what is gone.</summary>
internal sealed class DeletedElsewhere(ClassifierCache cache, AdaptationStore store, TimeProvider time) : BackgroundService
{
    internal static readonly TimeSpan Every = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                TryDrop();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // A service that is disposed without having been stopped would log this end as a failure.
        }
    }

    private void TryDrop()
    {
        try
        {
            Drop();
        }
        catch (DbException)
        {
            // The next round looks again.
        }
    }

    internal void Drop()
    {
        var adaptations = cache.Adaptations.ToHashSet();
        cache.DropOlder(adaptations, store.Revisions(adaptations));
    }
}
