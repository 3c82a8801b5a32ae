namespace Deutero.Tests.Training;

/// <summary>Reports on the thread that reports, unlike <see cref="Progress{T}"/>.</summary>
internal sealed class Immediate<T>(Action<T> handler) : IProgress<T>
{
    public void Report(T value) => handler(value);
}
