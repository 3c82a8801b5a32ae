using System.Reflection;
using Microsoft.AspNetCore.Http;

namespace Deutero.Service.Storage;

/// <summary>Who acts: the tenant whose adaptations these are, and the name of the key.</summary>
internal sealed record Actor(string Tenant, string Who)
{
    /// <summary>Whoever uses a service without keys, which listens to this machine alone.</summary>
    internal static readonly Actor Local = new("local", "local");

    /// <summary>The actor of a request, as the parameter of a route.</summary>
    public static ValueTask<Actor> BindAsync(HttpContext context, ParameterInfo parameter) => ValueTask.FromResult((Actor)context.Items[typeof(Actor)]!);
}
