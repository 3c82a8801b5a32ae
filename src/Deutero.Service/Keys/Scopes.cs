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

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Read, Predict, Adapt, Delete, Audit];
}
