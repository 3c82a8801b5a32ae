using System.Reflection;

namespace Deutero.Cli.Configuration;

/// <summary>A key of a record.</summary>
/// <param name="Name">The key, in camelCase.</param>
/// <param name="Property">The property that it sets.</param>
/// <param name="Value">What it can hold.</param>
internal sealed record KeyShape(string Name, PropertyInfo Property, ValueShape Value);
