using System.CommandLine;
using Deutero.Cli.Terminal;
using Deutero.Service.Keys;

namespace Deutero.Cli.Commands;

/// <summary><c>deutero keys</c>: the keys of a service.</summary>
internal static class KeysCommand
{
    private static readonly Option<string> s_tenant = new("--tenant") { Description = "Whose adaptations the key opens.", HelpName = "NAME", Required = true };

    private static readonly Option<string> s_name = new("--name") { Description = "What the audit log calls who uses it.", HelpName = "NAME", Required = true };

    private static readonly Option<string[]> s_scopes = new("--scope")
    {
        Description = "What it allows; may be given several times; default all but 'models' and 'metrics', which reach beyond the tenant.", HelpName = string.Join('|', Scopes.All), AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [.. Scopes.OfTenants],
    };

    internal static Command Create() => new Command("keys", "Make, list and revoke the keys of an adaptation service.")
    {
        new Command("create", "Make a key and print it, once.") { ServeCommand.Store, s_tenant, s_name, s_scopes }.Explained("""
            Only the SHA-256 of a key is stored. A service that has keys refuses requests without one; restart it after the first.

            Examples:
              deutero keys create --store service --tenant anna --name laptop
              deutero keys create --store service --tenant anna --name camera --scope predict
            """).Runs((arguments, _) => Make(arguments)),
        new Command("list", "List the keys, without what is secret of them.") { ServeCommand.Store }.Runs((arguments, _) => List(arguments)),
        new Command("revoke", "Revoke a key, at once.") { ServeCommand.Store, s_tenant, s_name }.Runs((arguments, _) => Revoke(arguments)),
    };

    private static int Make(ParseResult arguments)
    {
        Console.WriteLine(ApiKeys.Create(
            arguments.GetValue(ServeCommand.Store)!, arguments.GetValue(s_tenant)!, arguments.GetValue(s_name)!, arguments.GetValue(s_scopes)!, TimeProvider.System));
        return ExitCodes.Done;
    }

    private static int List(ParseResult arguments)
    {
        var table = new TextTable
        {
            Columns = ["tenant", "name", "scopes", "created"],
            Rows = [.. ApiKeys.List(arguments.GetValue(ServeCommand.Store)!)
                .Select(key => (string[])[key.Tenant, key.Name, string.Join(", ", key.Scopes), $"{key.Created:yyyy-MM-dd}"])],
        };
        Console.Write(table.Render());
        return ExitCodes.Done;
    }

    private static int Revoke(ParseResult arguments)
    {
        var (tenant, name) = (arguments.GetValue(s_tenant)!, arguments.GetValue(s_name)!);
        return ApiKeys.Revoke(arguments.GetValue(ServeCommand.Store)!, tenant, name)
            ? ExitCodes.Done
            : throw new ArgumentException($"Tenant {tenant} has no key named {name}.");
    }
}
