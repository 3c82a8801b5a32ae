namespace Deutero.Service.Storage;

/// <summary>Who acts: the tenant whose adaptations these are, and the name of the key.</summary>
internal sealed record Actor(string Tenant, string Who);
