using System.Reflection;
using static Deutero.Torch.Tests.Numbers;

namespace Deutero.Torch.Tests;

public sealed class OperatorFaultTests
{
    [Fact]
    public void An_error_names_the_operator_the_shapes_and_the_reason()
    {
        var error = Assert.Throws<TorchException>(() => Tensor.Zeros([2, 3]).Mm(Tensor.Zeros([4, 5], DType.Float64)));

        Assert.Equal("aten::mm([2, 3] Float32, [4, 5] Float64)", error.Operation);
        Assert.StartsWith(error.Operation + ": ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception raised from", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_error_names_lists_numbers_and_what_is_missing()
    {
        var cat = Assert.Throws<TorchException>(() => Tensor.Cat([Vector(1), Matrix(1, 2, 3)], 0));
        var reshape = Assert.Throws<TorchException>(() => Vector(1, 2, 3).Reshape([2, 2]));
        var convolution = Assert.Throws<TorchException>(() => Tensor.Conv2d(Vector(1), Vector(1)));

        Assert.Equal("aten::cat({[1] Float64, [1, 2] Float64}, 0)", cat.Operation);
        Assert.Equal("aten::reshape([3] Float64, [2, 2])", reshape.Operation);
        Assert.Contains("none", convolution.Operation, StringComparison.Ordinal);
    }

    [Fact]
    public void An_error_leaves_the_next_call_as_it_was()
    {
        for (var i = 0; i < 100; i++)
        {
            Assert.Throws<TorchException>(() => Vector(1, 2) + Vector(1, 2, 3));
            Close([3], Vector(1) + Vector(2));
        }
    }

    [Fact]
    public void Labels_beyond_the_classes_are_refused()
    {
        Assert.Throws<TorchException>(() => Normal(1, 2, 3).CrossEntropyLoss(Tensor.From<long>([0, 3])));
        Assert.Throws<TorchException>(() => Tensor.From<long>([0, 3]).OneHot(3));
        Assert.Throws<TorchException>(() => Normal(1, 2, 3).IndexSelect(0, Tensor.From<long>([2])));
        Assert.Throws<TorchException>(() => Normal(1, 2, 3).Gather(1, Tensor.From<long>([3], 1, 1)));
        Assert.Throws<TorchException>(() => Normal(1, 2, 3).Index([Tensor.From<long>([-3])]));
    }

    [Fact]
    public void A_singular_system_is_refused() =>
        Assert.Throws<TorchException>(() => Tensor.LinalgSolve(Matrix(2, 1, 2, 2, 4), Vector(1, 1)));

    [Fact]
    public void More_memory_than_there_is_becomes_an_exception() =>
        Assert.Throws<TorchException>(() => Tensor.Zeros([1L << 40, 1L << 20]));

    [Fact]
    public void Five_thousand_absurd_calls_give_a_result_or_an_exception()
    {
        using var random = Generator.Seed(20260801);
        using var scope = new TensorScope();
        var operands = Operands();
        var methods = typeof(Tensor).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Where(Callable).ToArray();
        var refused = 0;
        for (var i = 0; i < 5_000; i++)
        {
            using var call = new TensorScope();
            var method = methods[random.Next(methods.Length)];
            var arguments = method.GetParameters().Select(parameter => Argument(parameter, operands, random)).ToArray();
            var error = Record.Exception(() => method.Invoke(operands[random.Next(operands.Length)], arguments));
            if (error is not null)
            {
                Assert.True(error.InnerException is TorchException, $"{method}: {error.InnerException ?? error}");
                refused++;
            }
        }

        Assert.True(methods.Length > 80, $"only {methods.Length} operators were called");
        Assert.InRange(refused, 1_000, 4_500);
    }

    private static Tensor[] Operands()
    {
        long[][] shapes = [[], [0], [1], [3], [4], [2, 3], [3, 2], [3, 3], [0, 3], [2, 3, 4], [1, 2, 5, 5], [2, 1, 1, 1, 2]];
        DType[] types = [DType.Float32, DType.Float64, DType.Int64, DType.Int8, DType.UInt8, DType.Bool, DType.Float16, DType.BFloat16];
        var values =
            from shape in shapes
            from type in types
            select Normal(3, shape).Mul(3.0).To(type);
        return [.. values, Vector(double.NaN, double.PositiveInfinity, -0.0), Matrix(2, 1, 2, 3, 4).T(), Scalar(1).Expand([3, 3])];
    }

    // Spans cannot be passed by reflection; operators that only take tensors and numbers are most of them.
    private static bool Callable(MethodInfo method) =>
        !method.IsSpecialName && !method.IsGenericMethod && method.Name is not "Dispose" and not "Equals"
        && (method.ReturnType == typeof(Tensor) || method.ReturnType == typeof(bool) || method.ReturnType.Name.StartsWith("ValueTuple", StringComparison.Ordinal))
        && method.GetParameters().All(parameter => !parameter.ParameterType.IsByRefLike && parameter.ParameterType != typeof(object)
            && parameter.ParameterType != typeof(Device) && parameter.ParameterType != typeof(Device?) && !parameter.ParameterType.IsByRef);

    private static object? Argument(ParameterInfo parameter, Tensor[] operands, Generator random)
    {
        var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        var optional = parameter.HasDefaultValue && parameter.DefaultValue is null;
        long[] numbers = [-7, -1, 0, 1, 2, 3, 100, long.MinValue];
        return optional && random.Next(2) == 0 ? null
            : type == typeof(Tensor) ? operands[random.Next(operands.Length)]
            : type == typeof(long) ? numbers[random.Next(numbers.Length)]
            : type == typeof(double) ? random.NextDouble() * 10
            : type == typeof(bool) ? random.Next(2) == 0
            : type == typeof(Scalar) ? (random.Next(2) == 0 ? (Scalar)numbers[random.Next(numbers.Length)] : (Scalar)random.NextDouble())
            : type == typeof(DType) ? Enum.GetValues<DType>()[random.Next(10)]
            : type == typeof(string) ? "absurd"
            : null;
    }
}
