using System.Reflection;

namespace Deutero.Tests.Architecture;

/// <summary>The shipped libraries and where they live in the repository.</summary>
internal static class Assemblies
{
    internal static readonly Assembly Torch = typeof(Deutero.Torch.Tensor).Assembly;
    internal static readonly Assembly Core = typeof(Deutero.Learners.IMetaLearner).Assembly;
    internal static readonly Assembly Data = typeof(Deutero.Data.Omniglot).Assembly;
    internal static readonly Assembly Testing = typeof(Deutero.Testing.Certificate).Assembly;

    internal static readonly Assembly Edge = typeof(Deutero.Edge.AdaptationModel).Assembly;
    internal static readonly Assembly Client = typeof(Deutero.Client.DeuteroClient).Assembly;
    internal static readonly Assembly Service = typeof(Deutero.Service.AdaptationService).Assembly;

    internal static IReadOnlyList<Assembly> Shipped => [Torch, Core, Data, Testing, Edge, Client, Service];

    internal static string Root
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "Deutero.slnx")))
            {
                folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("The tests do not run inside the repository.");
            }

            return folder;
        }
    }

    internal static Assembly Named(string name) => Shipped.Single(assembly => assembly.GetName().Name == name);
}
