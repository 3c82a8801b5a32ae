namespace Deutero.Service.Models;

/// <summary>A hold on something shared, let go of when disposed.</summary>
internal sealed class Holding<T>(Shared<T> shared) : IDisposable
    where T : IDisposable
{
    internal Shared<T> Shared => shared;

    public void Dispose() => shared.LetGo();
}
