using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Tasks;

/// <summary>Families of tasks for which the best prediction is known, and a prior over tables.</summary>
public sealed class PriorTests
{
    public static TheoryData<Func<ITaskDistribution>, string> OutOfRange => new()
    {
        { () => new GaussianProcesses { Shots = 0 }, "Shots must be at least 1." },
        { () => new GaussianProcesses { Length = 0 }, "Length must be a positive number." },
        { () => new LinearRegressions { Features = 0 }, "Features must be at least 1." },
        { () => new LinearRegressions { Noise = -1 }, "Noise must be a number of at least 0." },
        { () => new SyntheticTables { Ways = 1 }, "Ways must be at least 2." },
        { () => new Sinusoid { Queries = 0 }, "Queries must be at least 1." },
        { () => new Polynomials { Shots = 0 }, "Shots must be at least 1." },
        { () => new SinusoidsAndLines { Queries = 0 }, "Queries must be at least 1." },
    };

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void Settings_out_of_range_are_refused(Func<ITaskDistribution> create, string message) =>
        Assert.StartsWith(message, Assert.Throws<ArgumentOutOfRangeException>(create).Message, StringComparison.Ordinal);

    // −½ ln 2π(1 + σ²) − ½ of a single value, and what is known of ten context points.
    [Fact]
    public void Gaussian_processes_are_as_predictable_as_their_kernel_says()
    {
        var tasks = new GaussianProcesses { Shots = 10, Queries = 20 };
        var (prior, exact, error, count) = (0.0, 0.0, 0.0, 0);
        for (var i = 0; i < 300; i++)
        {
            using var scope = new TensorScope();
            var episode = tasks.Sample(Generator.Seed(1).Derive(i)).To(DType.Float64);
            var (mean, variance) = Posterior(tasks, episode);
            foreach (var (y, m, v) in episode.Query.Targets.ToArray<double>().Zip(mean, variance))
            {
                prior -= 0.5 * ((y * y / 1.0025) + Math.Log(2 * Math.PI * 1.0025));
                exact -= 0.5 * (((y - m) * (y - m) / v) + Math.Log(2 * Math.PI * v));
                error += v; // the least mean squared error: the noise is part of it
                count++;
            }
        }

        Assert.Equal(-1.42, prior / count, 0.05);
        Assert.Equal(0.268, exact / count, 0.12);
        Assert.Equal(0.138, error / count, 0.02);
    }

    // Ridge regression with the noise's variance is Bayes, least squares has a known error, and both errors hold the noise.
    [Fact]
    public void Linear_regressions_have_the_errors_that_theory_gives()
    {
        var tasks = new LinearRegressions { Shots = 20, Queries = 10 };
        var (least, bayes) = (0.0, 0.0);
        const int Count = 2000;
        for (var i = 0; i < Count; i++)
        {
            using var scope = new TensorScope();
            var episode = tasks.Sample(Generator.Seed(1).Derive(i)).To(DType.Float64);
            least += Error(episode, 0) / Count;
            bayes += Error(episode, tasks.Noise * tasks.Noise) / Count;
        }

        Assert.Equal(0.25 * (1 + (5.0 / 14)), least, 0.015);
        Assert.Equal(0.337, bayes, 0.015);
        Assert.True(bayes < least);
    }

    [Fact]
    public void Tables_have_as_many_rows_of_each_class_as_asked_for_and_no_row_twice()
    {
        var episode = new SyntheticTables { Ways = 3, Shots = 4, Queries = 5 }.Sample(Generator.Seed(4));
        Assert.Equal([12L, 8], episode.Support.Inputs.Shape);
        Assert.All(Enumerable.Range(0, 3), label => Assert.Equal(4, episode.Support.Targets.ToArray<long>().Count(target => target == label)));
        Assert.All(Enumerable.Range(0, 3), label => Assert.Equal(5, episode.Query.Targets.ToArray<long>().Count(target => target == label)));
        var rows = Tensor.Cat([episode.Support.Inputs, episode.Query.Inputs]).ToArray<float>().Chunk(8).Select(row => string.Join(' ', row));
        Assert.Equal(27, rows.Distinct().Count());
    }

    internal static (double[] Mean, double[] Variance) Posterior(GaussianProcesses tasks, Episode episode)
    {
        Tensor Kernel(Tensor a, Tensor b) => ((a - b.T()).Square() * (-0.5 / (tasks.Length * tasks.Length))).Exp();
        var (x, noise) = (episode.Support.Inputs, tasks.Noise * tasks.Noise);
        var among = Kernel(x, x) + (noise * Tensor.Eye((int)x.Size(0), DType.Float64));
        var to = Kernel(x, episode.Query.Inputs); // [n, m]
        var solved = Tensor.LinalgSolve(among, to);
        return (solved.T().Matmul(episode.Support.Targets).ToArray<double>(), (1 + noise - (to * solved).Sum([0])).ToArray<double>());
    }

    internal static double Error(Episode episode, double ridge)
    {
        var (x, y) = (episode.Support.Inputs, episode.Support.Targets);
        var weights = Tensor.LinalgSolve(x.T().Matmul(x) + (ridge * Tensor.Eye((int)x.Size(1), x.DType)), x.T().Matmul(y));
        return (episode.Query.Inputs.Matmul(weights) - episode.Query.Targets).Square().Mean().ToDouble();
    }
}
