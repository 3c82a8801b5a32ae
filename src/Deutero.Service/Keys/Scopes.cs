namespace Deutero.Service.Keys;

/// <summary>What a key can allow.</summary>
public static class Scopes
{
    /// <summary>To see models and adaptations.</summary>
    public const string Read = "read";

    /// <summary>To ask for predictions.</summary>
    public const string Predict = "predict";

    /// <summary>To make and change adaptations.</summary>
    public const string Adapt = "adapt";

    /// <summary>To delete adaptations and examples for good.</summary>
    public const string Delete = "delete";

    /// <summary>To read the audit log.</summary>
    public const string Audit = "audit";

    /// <summary>To load, replace and retire models, for all tenants.</summary>
    public const string Models = "models";

    /// <summary>To read the figures of the whole service.</summary>
    public const string Metrics = "metrics";

    /// <summary>What a tenant needs for its own adaptations.</summary>
    public static IReadOnlyList<string> OfTenants { get; } = [Read, Predict, Adapt, Delete, Audit];

    /// <summary>All of them, with those of operators.</summary>
    public static IReadOnlyList<string> All { get; } = [.. OfTenants, Models, Metrics];
}
