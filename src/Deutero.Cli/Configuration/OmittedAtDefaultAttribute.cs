namespace Deutero.Cli.Configuration;

/// <summary>Marks a setting that came after runs were recorded: at its default it is left out of the canonical form, so that the hashes of earlier runs stand and they can be resumed.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class OmittedAtDefaultAttribute : Attribute;
