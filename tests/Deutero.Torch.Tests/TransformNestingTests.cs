using static Deutero.Torch.Tests.Numbers;

namespace Deutero.Torch.Tests;

/// <summary>Every pair and every triple of transforms, on functions whose derivatives of every order are known in closed form.</summary>
public sealed class TransformNestingTests
{
    private static readonly double[] s_weights = [0.7, -1.1, 0.4];
    private static readonly double[] s_biases = [0.1, 0.3, -0.5];
    private static readonly double[] s_outputs = [1.5, -0.8, 2];

    private static readonly Dictionary<string, (int Order, Func<Func<Tensor, Tensor>, Func<Tensor, Tensor>> Apply)> s_transforms = new()
    {
        ["Grad"] = (1, f => x => Transforms.Grad(f, x)),
        ["Jvp"] = (1, f => x => Transforms.Jvp(f, x, Scalar(1)).Tangent),
        ["Vjp"] = (1, f => x => Transforms.Vjp(f, x, Scalar(1)).Pullback),
        ["Hvp"] = (2, f => x => Transforms.Hvp(f, x, Scalar(1))),
        ["VMap"] = (0, f => x => Transforms.VMap(f, Tensor.Stack([x, x, x])).Mean()),
    };

    private static readonly Dictionary<string, (Func<Tensor, Tensor> Function, Func<int, double, double> Derivative)> s_functions = new()
    {
        ["x sin x"] = (x => x * x.Sin(), (n, x) => (x * Math.Sin(x + (n * Math.PI / 2))) + (n * Math.Sin(x + ((n - 1) * Math.PI / 2)))),
        ["cubic"] = (x => (x.Pow(3) * 2) - (x * x) + x, Cubic),
        ["tanh network"] = (x => (x * Vector(s_weights) + Vector(s_biases)).Tanh().Dot(Vector(s_outputs)), Network),
    };

    public static TheoryData<string> Nestings
    {
        get
        {
            var names = s_transforms.Keys;
            var pairs = from a in names from b in names select $"{a} {b}";
            return [.. pairs, .. from pair in pairs from c in names select $"{pair} {c}"];
        }
    }

    [Theory]
    [MemberData(nameof(Nestings))]
    public void Nested_transforms_give_the_closed_form(string nesting)
    {
        using var scope = new TensorScope();
        var path = nesting.Split(' ');
        var order = path.Sum(name => s_transforms[name].Order);

        // A cubic's fourth derivative does not depend on x, which Grad refuses by contract.
        foreach (var (function, derivative) in s_functions.Where(pair => pair.Key != "cubic" || order <= 3).Select(pair => pair.Value))
        {
            var nested = path.Reverse().Aggregate(function, (inner, name) => s_transforms[name].Apply(inner));

            Close([derivative(order, 0.6)], nested(Scalar(0.6)), 1e-9);
            Close([derivative(order, 0.6), derivative(order, -1.3)], Transforms.VMap(nested, Vector(0.6, -1.3)), 1e-9);
        }

        Assert.Equal(0, Native.NativeMethods.deutero_layer_depth());
    }

    private static double Cubic(int order, double x) => order switch
    {
        0 => (2 * x * x * x) - (x * x) + x,
        1 => (6 * x * x) - (2 * x) + 1,
        2 => (12 * x) - 2,
        _ => 12,
    };

    // The derivatives of tanh are polynomials in t = tanh z, for dt/dz = 1 - t².
    private static double Network(int order, double x)
    {
        double[] polynomial = [0, 1];
        for (var n = 0; n < order; n++)
        {
            var next = new double[polynomial.Length + 1];
            for (var power = 1; power < polynomial.Length; power++)
            {
                next[power - 1] += power * polynomial[power];
                next[power + 1] -= power * polynomial[power];
            }

            polynomial = next;
        }

        return Enumerable.Range(0, s_weights.Length).Sum(i =>
        {
            var t = Math.Tanh((s_weights[i] * x) + s_biases[i]);
            return s_outputs[i] * Math.Pow(s_weights[i], order) * polynomial.Select((c, power) => c * Math.Pow(t, power)).Sum();
        });
    }
}
