namespace Deutero.Service.Models;

/// <summary>Something that is disposed when its owner has let go of it and the last of those who use it is done.</summary>
internal sealed class Shared<T>(T value)
    where T : IDisposable
{
    private int _holders = 1; // the owner

    internal T Value => value;

    /// <summary>Holds on to the value; false where it is gone already.</summary>
    internal bool TryHold()
    {
        for (var holders = Volatile.Read(ref _holders); holders > 0; holders = Volatile.Read(ref _holders))
        {
            if (Interlocked.CompareExchange(ref _holders, holders + 1, holders) == holders)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Lets go of it: once for each successful hold, and once by the owner.</summary>
    internal void LetGo()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            value.Dispose();
        }
    }
}
