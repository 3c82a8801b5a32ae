namespace Deutero.Torch.Tests;

public class TensorTests
{
    [Fact]
    public void Host_values_go_in_and_out_with_their_shape()
    {
        using var x = Tensor.From(new float[] { 1, 2, 3, 4, 5, 6 }, 2, 3);
        Assert.Equal([2L, 3L], x.Shape);
        Assert.Equal(DType.Float32, x.DType);
        Assert.Equal(6, x.Count);
        Assert.Equal([1f, 2, 3, 4, 5, 6], x.ToArray<float>());
        Assert.Equal([1f, 4, 2, 5, 3, 6], x.T().ToArray<float>()); // a strided view comes out in row-major order
    }

    [Fact]
    public void Shared_memory_is_not_copied_and_outlives_the_array_variable()
    {
        var values = new double[] { 1, 2, 3 };
        using var shared = Tensor.Share(values);
        values[1] = 20;
        Assert.Equal([1.0, 20, 3], shared.ToArray<double>());
        Assert.True(shared.TryRead<double>(out var read));
        Assert.Equal(20, read[1]);
    }

    [Fact]
    public void Wrong_counts_and_types_are_named()
    {
        Assert.Contains("3 values do not fill the shape [2, 2], which holds 4", Assert.Throws<ArgumentException>(() => Tensor.From(new float[3], 2, 2)).Message);
        using var x = Tensor.From(new float[] { 1 });
        Assert.Contains("holds Float32 but Float64 was asked for", Assert.Throws<ArgumentException>(() => x.ToArray<double>()).Message);
        Assert.Contains("[2]", Assert.Throws<ArgumentException>(() => Tensor.From(new float[2]).ToDouble()).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => x.Size(1));
    }

    [Fact]
    public void A_freed_tensor_is_refused()
    {
        var x = Tensor.Ones([2]);
        x.Dispose();
        Assert.Throws<ObjectDisposedException>(() => x.Exp());
    }

    [Fact]
    public void Slices_and_entries_follow_csharp()
    {
        using var scope = new TensorScope();
        var x = Tensor.From(Enumerable.Range(0, 12).Select(i => (long)i).ToArray(), 4, 3);
        Assert.Equal([3L, 4, 5], x[1].ToArray<long>());
        Assert.Equal([9L, 10, 11], x[-1].ToArray<long>());
        Assert.Equal([3L, 4, 5, 6, 7, 8], x[1..3].ToArray<long>());
        Assert.Throws<ArgumentOutOfRangeException>(() => x[3..6]);
    }

    [Fact]
    public void An_error_names_the_operator_and_its_shapes()
    {
        using var scope = new TensorScope();
        var error = Assert.Throws<TorchException>(() => Tensor.Ones([2, 3]).Mm(Tensor.Ones([4, 5], DType.Float64)));
        Assert.StartsWith("aten::mm([2, 3] Float32, [4, 5] Float64)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Absurd_calls_end_in_a_result_or_an_exception()
    {
        using var random = Generator.Seed(5);
        DType[] types = [DType.Float32, DType.Float64, DType.Int64, DType.Bool, DType.UInt8];
        var refused = 0;
        for (var i = 0; i < 4000; i++)
        {
            using var scope = new TensorScope();
            Tensor Any() => Tensor.Ones([.. Enumerable.Range(0, random.Next(4)).Select(_ => (long)random.Next(4))], types[random.Next(types.Length)]);
            var (a, b, c) = (Any(), Any(), Any());
            try
            {
                _ = random.Next(12) switch
                {
                    0 => a.Mm(b),
                    1 => a.Add(b),
                    2 => Tensor.Conv2d(a, b, c),
                    3 => a.MaxPool2d([2, 2]),
                    4 => Tensor.BatchNorm(a, b, c, null, null, true, 0.1, 1e-5, false),
                    5 => Tensor.Linear(a, b, c),
                    6 => a.CrossEntropyLoss(b),
                    7 => a.IndexSelect(0, b),
                    8 => Tensor.Cat([a, b, c]),
                    9 => a.Narrow(0, 5, 5),
                    10 => a.Reshape([3, 7]),
                    _ => a.Gather(1, b),
                };
            }
            catch (TorchException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1000, 4000);
    }

    [Fact]
    public void Every_listed_operator_exists_in_this_libtorch()
    {
        var fields = typeof(Tensor).GetFields(System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)
            .Where(field => field.FieldType.Name == "Operator").ToArray();
        Assert.InRange(fields.Length, 150, 2000);
        foreach (var field in fields)
        {
            var op = (Native.Operator)field.GetValue(null)!;
            Assert.True(op.Exists, $"{field.Name} does not exist in libtorch {TorchInfo.Version}");
        }
    }

    [Fact]
    public void Intra_op_threads_are_set_for_each_thread_apart()
    {
        Threads.SetForThisThread(2);
        var inner = 0;
        var thread = new Thread(() =>
        {
            Threads.SetForThisThread(1);
            inner = Threads.Current;
        });
        thread.Start();
        thread.Join();
        Assert.Equal(1, inner);
        Assert.Equal(2, Threads.Current);
        Assert.Throws<TorchException>(() => Threads.SetForThisThread(0));
    }
}
