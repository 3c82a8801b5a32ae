using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Deutero.Cli.Tests.EndToEnd;

/// <summary>Processes that somebody else starts, as torchrun, Slurm and Kubernetes do: by the environment alone.</summary>
public sealed class RankTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly int _port = FreePort();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Two_hosts_with_networks_of_their_own_train_together()
    {
        using var hosts = TwoHosts.Create();
        string[] Train(string name) => ["train", "-o", _folder[name], .. Settings.Sinusoid(40)];
        Assert.Equal(0, DeuteroProcess.Run(Train("alone")).Code);
        using var second = hosts.Start(1, Place(1, TwoHosts.FirstAddress), Train("elsewhere"));
        using var first = hosts.Start(0, Place(0, TwoHosts.FirstAddress), Train("together"));
        var (one, two) = (DeuteroProcess.Finish(first), DeuteroProcess.Finish(second));
        Assert.True((one.Code, two.Code) == (0, 0), one.Error + two.Error);
        Assert.Equal(("", ""), (two.Output, two.Error)); // only the first rank speaks, and writes
        Assert.False(Directory.Exists(_folder["elsewhere"]));
        Assert.InRange(Models.Distance(_folder["alone", "model.safetensors"], _folder["together", "model.safetensors"]), 0, 1e-5);
    }

    [Fact]
    public void A_number_of_ranks_that_does_not_come_is_one_sentence() =>
        Refused("1 of 2 ranks came within 1 s; missing: 1.", Place(0, "127.0.0.1"));

    [Fact]
    public void A_master_that_cannot_be_reached_is_one_sentence() =>
        Refused(
            $"rank 1: The master at 127.0.0.1:{_port} could not be reached within 1 s (Connection refused): check MASTER_ADDR and MASTER_PORT, and that rank 0 runs.",
            Place(1, "127.0.0.1"));

    [Fact]
    public void A_port_in_use_is_one_sentence()
    {
        using var listener = new TcpListener(IPAddress.Any, _port);
        listener.Start();
        Refused($"The store cannot listen on port {_port}: Address already in use; choose another MASTER_PORT.", Place(0, "127.0.0.1"));
    }

    [Fact]
    public void Ranks_with_other_settings_are_refused_by_all()
    {
        string[] settings = Settings.Sinusoid(10);
        using var second = DeuteroProcess.Start(Place(1, "127.0.0.1", 20), ["train", "-o", _folder["x"], .. settings, "--set", "training.seed=7"]);
        var first = DeuteroProcess.Run(Place(0, "127.0.0.1", 20), ["train", "-o", _folder["x"], .. settings]);
        const string sentence = "Rank 1 was started with other settings than rank 0: all processes of a run need the same.";
        Assert.Equal((2, sentence), (first.Code, first.Sentence));
        Assert.Equal($"rank 1: {sentence}", DeuteroProcess.Finish(second).Sentence);
        Assert.False(Directory.Exists(_folder["x"]));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private (string Name, string Value)[] Place(int rank, string address, int seconds = 1) =>
    [
        ("RANK", $"{rank}"), ("WORLD_SIZE", "2"), ("MASTER_ADDR", address), ("MASTER_PORT", $"{_port}"),
        ("DEUTERO_JOIN_SECONDS", $"{(address == TwoHosts.FirstAddress ? 60 : seconds)}"),
    ];

    private void Refused(string sentence, (string Name, string Value)[] place)
    {
        var outcome = DeuteroProcess.Run(place, ["train", "-o", _folder["x"], .. Settings.Sinusoid(10)]);
        Assert.Equal((2, sentence), (outcome.Code, outcome.Sentence));
        Assert.False(Directory.Exists(_folder["x"]));
    }

    /// <summary>Two network namespaces with a cable between them.</summary>
    private sealed class TwoHosts : IDisposable
    {
        internal const string FirstAddress = "10.97.31.1";

        private readonly string[] _names = [.. Enumerable.Range(0, 2).Select(i => $"deutero{Environment.ProcessId}-{i}")];

        internal static TwoHosts Create()
        {
            var hosts = new TwoHosts();
            var (a, b) = (hosts._names[0], hosts._names[1]);
            var (portA, portB) = ($"da{Environment.ProcessId}", $"db{Environment.ProcessId}");
            string[] commands =
            [
                $"netns add {a}", $"netns add {b}", $"link add {portA} netns {a} type veth peer name {portB} netns {b}",
                $"-n {a} addr add {FirstAddress}/24 dev {portA}", $"-n {b} addr add 10.97.31.2/24 dev {portB}",
                $"-n {a} link set {portA} up", $"-n {b} link set {portB} up", $"-n {a} link set lo up", $"-n {b} link set lo up",
            ];
            foreach (var command in commands)
            {
                var (code, error) = Ip(command);
                if (code != 0)
                {
                    hosts.Dispose();
                    Assert.Skip($"Network namespaces cannot be made here: ip {command}: {error.Trim()}");
                }
            }

            return hosts;
        }

        internal Process Start(int host, (string Name, string Value)[] environment, string[] arguments) =>
            DeuteroProcess.Start(environment, arguments, "ip", "netns", "exec", _names[host]);

        public void Dispose()
        {
            foreach (var name in _names)
            {
                Ip($"netns del {name}");
            }
        }

        private static (int Code, string Error) Ip(string arguments)
        {
            try
            {
                using var process = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
                var error = process.StandardError.ReadToEnd();
                process.WaitForExit();
                return (process.ExitCode, error);
            }
            catch (System.ComponentModel.Win32Exception absent)
            {
                return (1, absent.Message);
            }
        }
    }
}
