namespace Deutero.Cli.Commands;

/// <summary>What the command's exit codes mean.</summary>
internal static class ExitCodes
{
    internal const int Done = 0;
    internal const int InternalError = 1;
    internal const int Refused = 2;
    internal const int CheckFailed = 3;
    internal const int PeerLost = 4;
    internal const int Cancelled = 130;
}
