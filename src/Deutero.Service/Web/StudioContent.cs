namespace Deutero.Service.Web;

/// <summary>Marks a route that gives a file of the studio: the same to everybody, so that a person without a key finds the page that asks for one.</summary>
internal sealed record StudioContent;
