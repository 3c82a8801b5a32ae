using System.Runtime.CompilerServices;
using static Deutero.Torch.Tests.Numbers;

namespace Deutero.Torch.Tests;

public sealed class TensorTests
{
    [Fact]
    public void Values_come_back_as_they_went_in_for_every_element_type()
    {
        RoundTrip<float>(DType.Float32, 1.5f, -2, float.NaN, float.PositiveInfinity);
        RoundTrip(DType.Float64, Math.PI, -0.0, double.Epsilon, double.MaxValue);
        RoundTrip(DType.Int64, 1, long.MinValue, long.MaxValue, -7);
        RoundTrip(DType.Int32, 1, int.MinValue, int.MaxValue, -7);
        RoundTrip<short>(DType.Int16, 1, short.MinValue, short.MaxValue, -7);
        RoundTrip<byte>(DType.UInt8, 1, 0, 255, 7);
        RoundTrip<sbyte>(DType.Int8, 1, -128, 127, -7);
        RoundTrip(DType.Bool, true, false, false, true);
        RoundTrip(DType.Float16, (Half)1.5, Half.MinValue, Half.Epsilon, (Half)(-2));
    }

    [Fact]
    public void A_tensor_knows_its_shape_type_and_place()
    {
        var tensor = Tensor.From<float>([1, 2, 3, 4, 5, 6], 2, 3);

        Assert.Equal([2, 3], tensor.Shape);
        Assert.Equal((2, 6L, DType.Float32, Device.Cpu), (tensor.Rank, tensor.Count, tensor.DType, tensor.Device));
        Assert.Equal((2L, 3L, 3L), (tensor.Size(0), tensor.Size(1), tensor.Size(-1)));
        Assert.Equal("Tensor [2, 3] Float32", tensor.ToString());
        Assert.False(tensor.RequiresGrad);
    }

    [Fact]
    public void Scalars_and_empty_tensors_have_their_shapes()
    {
        var scalar = Tensor.Of(2.5);
        var empty = Tensor.From<double>([], 0, 3);

        Assert.Empty(scalar.Shape);
        Assert.Equal((1L, 2.5), (scalar.Count, scalar.ToDouble()));
        Assert.Equal([0, 3], empty.Shape);
        Assert.Empty(empty.ToArray<double>());
        Assert.Equal([0], Tensor.From<float>([]).Shape);
    }

    [Fact]
    public void Factories_fill_what_they_say()
    {
        Close([0, 0], Tensor.Zeros([2]));
        Close([1, 1, 1, 1], Tensor.Ones([2, 2], DType.Int64));
        Close([7, 7], Tensor.Full([2], 7.0, DType.Float64));
        Close([1, 3, 5], Tensor.Arange(1, 6, 2));
        Close([0, 0.5, 1], Tensor.Linspace(0, 1, 3, DType.Float64));
        Close([1, 0, 0, 1], Tensor.Eye(2));
        Close([4, 4, 4], Vector(1, 2, 3).FullLike(4));
        Assert.Equal(DType.Int64, Tensor.Arange(0, 3).DType);
        Assert.Equal(DType.Float32, Tensor.Zeros([2]).DType);
        Assert.Equal(DType.Bool, Tensor.Ones([1], DType.Bool).DType);
    }

    [Fact]
    public void Copies_of_host_memory_do_not_change_with_it()
    {
        float[] values = [1, 2];
        var tensor = Tensor.From(values);
        values[0] = 9;

        Close([1, 2], tensor);
        tensor.ToArray<float>()[1] = 9;
        Close([1, 2], tensor);
    }

    [Fact]
    public void Shared_memory_is_seen_on_both_sides()
    {
        double[] values = [1, 2, 3, 4];
        using var tensor = Tensor.Share(values, 2, 2);
        values[3] = 40;

        Close([1, 2, 3, 40], tensor);
        Assert.True(tensor.TryRead<double>(out var elements));
        Assert.True(Unsafe.AreSame(in elements[0], in values[0]));
    }

    [Fact]
    public void A_shared_array_is_released_with_the_last_tensor_over_it()
    {
        var (array, view) = ShareAndForget(disposeView: false);
        Collect();
        Assert.True(array.IsAlive);

        view.Dispose();
        Collect();
        Assert.False(array.IsAlive);
        Assert.False(ShareAndForget(disposeView: true).Array is var other && Survives(other));
    }

    [Fact]
    public void Reading_in_place_is_refused_where_the_elements_are_not_in_order()
    {
        var tensor = Matrix(2, 1, 2, 3, 4);

        Assert.True(tensor.TryRead<double>(out var elements));
        Assert.Equal([1, 2, 3, 4], elements.ToArray());
        Assert.False(tensor.TryRead<float>(out _));
        Assert.False(tensor.T().TryRead<double>(out _));
        Assert.Equal([1, 3, 2, 4], tensor.T().ToArray<double>());
    }

    [Fact]
    public void Indices_and_ranges_cut_the_first_axis()
    {
        var tensor = Tensor.Arange(0, 12).Reshape([4, 3]);

        Close([3, 4, 5], tensor[1]);
        Close([9, 10, 11], tensor[-1]);
        Close([3, 4, 5, 6, 7, 8], tensor[1..3]);
        Close([9, 10, 11], tensor[^1..]);
        Assert.Equal([0, 3], tensor[2..2].Shape);
        Close([5], tensor[1][2]);
        Close([2, 8], tensor.Slice(0, 0, null, 2).Select(1, 2));
        Close([1, 4, 7, 10], tensor.Narrow(1, 1, 1));
    }

    [Fact]
    public void Indices_beyond_the_axis_are_refused()
    {
        var tensor = Tensor.Zeros([4, 3]);

        Assert.Throws<TorchException>(() => tensor[4]);
        Assert.Throws<ArgumentOutOfRangeException>(() => tensor[2..5]);
        Assert.Throws<ArgumentOutOfRangeException>(() => tensor.Size(2));
        Assert.Contains("[4, 3]", Assert.Throws<ArgumentOutOfRangeException>(() => tensor.Size(-3)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Of(1)[0..1]);
    }

    [Fact]
    public void Conversions_keep_values_and_return_the_same_tensor_where_nothing_changes()
    {
        var tensor = Vector(1.75, -2.5, 0);

        Assert.Same(tensor, tensor.To(DType.Float64));
        Assert.Same(tensor, tensor.To(Device.Cpu));
        Assert.Equal([1, -2, 0], tensor.To(DType.Int64).ToArray<long>());
        Assert.Equal([true, true, false], tensor.To(DType.Bool).ToArray<bool>());
        Assert.Equal([1.75f, -2.5f, 0], tensor.To(DType.BFloat16).To(DType.Float32).ToArray<float>());
        Assert.Equal((2.0, -3.0, 1.0), (Tensor.Of(2, DType.Float16).ToDouble(), Tensor.Of(-3, DType.Int8).ToDouble(), Tensor.Of(1, DType.Bool).ToDouble()));
    }

    [Fact]
    public void Bytes_come_back_as_the_same_bits()
    {
        var tensor = Normal(5, 3, 4).To(DType.BFloat16);

        var back = Tensor.FromBytes(tensor.ToBytes(), DType.BFloat16, 3, 4);

        Assert.True(back.BitEquals(tensor));
        Assert.False(back.BitEquals(tensor.Reshape([4, 3])));
        Assert.False(back.BitEquals(tensor.To(DType.Float32)));
        Assert.False(Vector(0.0).BitEquals(Vector(-0.0)));
        Assert.Equal([1, 0, 0, 0, 2, 0, 0, 0], Tensor.From<int>([1, 2]).ToBytes());
    }

    [Fact]
    public void Shapes_broadcast_as_in_the_field()
    {
        var column = Matrix(3, 1, 2, 3);
        var row = Vector(10, 20);

        Assert.Equal([3, 2], (column + row).Shape);
        Close([11, 21, 12, 22, 13, 23], column + row);
        Close([10, 20, 20, 40, 30, 60], column * row);
        Close([-9, -19, -8, -18, -7, -17], column - row);
        Close([0.1, 0.05, 0.2, 0.1, 0.3, 0.15], column / row);
    }

    [Fact]
    public void Numbers_stand_on_either_side_of_every_sign()
    {
        var x = Vector(2, -4);

        Close([3, -3], 1 + x);
        Close([3, -3], x + 1);
        Close([-1, 5], 1 - x);
        Close([1, -5], x - 1);
        Close([6, -12], 3 * x);
        Close([6, -12], x * 3);
        Close([0.5, -0.25], 1 / x);
        Close([1, -2], x / 2);
        Close([-2, 4], -x);
    }

    [Fact]
    public void A_wrong_element_type_is_named_with_the_way_out()
    {
        var error = Assert.Throws<ArgumentException>(() => Tensor.Of(1).ToArray<double>());

        Assert.Equal("The tensor holds Float32 but Float64 was asked for; convert it with To(DType.Float64).", error.Message);
        Assert.Equal("No tensor element type corresponds to Decimal.", Assert.Throws<ArgumentException>(() => Tensor.From<decimal>([1])).Message);
    }

    [Fact]
    public void A_wrong_count_is_named_with_the_shape()
    {
        var error = Assert.Throws<ArgumentException>(() => Tensor.From<float>([1, 2, 3], 2, 2));

        Assert.Equal("3 values do not fill the shape [2, 2], which holds 4.", error.Message);
        Assert.Throws<ArgumentException>(() => Tensor.Share(new float[3], 4));
        Assert.Throws<ArgumentException>(() => Tensor.Of(1).CopyTo(new float[2]));
        Assert.Throws<ArgumentException>(() => Tensor.FromBytes([1, 2, 3], DType.Float32, 1));
        Assert.Contains("shape [2]", Assert.Throws<ArgumentException>(() => Vector(1, 2).ToDouble()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Negative_sizes_are_refused_even_where_their_product_fits()
    {
        var error = Assert.Throws<ArgumentException>(() => Tensor.From<float>([1, 2], -1, -2));

        Assert.Equal("The shape [-1, -2] has a negative size.", error.Message);
        Assert.Throws<ArgumentException>(() => Tensor.Share(new float[2], -1, -2));
        Assert.Throws<ArgumentException>(() => Tensor.FromBytes(new byte[8], DType.Float32, -1, -2));
    }

    [Fact]
    public void A_freed_tensor_says_so_and_can_be_freed_again()
    {
        var tensor = Vector(1, 2);
        tensor.Dispose();
        tensor.Dispose();

        Assert.Throws<ObjectDisposedException>(() => tensor + 1);
        Assert.Throws<ObjectDisposedException>(() => Vector(1, 2) + tensor);
        Assert.Throws<ObjectDisposedException>(() => tensor.ToArray<double>());
        Assert.Throws<ObjectDisposedException>(() => Tensor.Cat([Vector(1), tensor]));
        Assert.Contains("TensorScope.Keep", Assert.Throws<ObjectDisposedException>(() => tensor.Sin()).Message, StringComparison.Ordinal);
        Assert.Equal("Tensor (freed)", tensor.ToString());
    }

    [Fact]
    public void Devices_are_read_and_written_as_text()
    {
        Assert.Equal(Device.Cpu, Device.Parse("cpu"));
        Assert.Equal(Device.Cuda(1), Device.Parse("cuda:1"));
        Assert.Equal("cuda:0", Device.Parse("cuda").ToString());
        Assert.Equal("The device is 'tpu'; expected cpu, cuda or cuda:N.", Assert.Throws<ArgumentException>(() => Device.Parse("tpu")).Message);
        Assert.SkipWhen(TorchInfo.CudaDevices > 0, "this machine has a CUDA device");
        Assert.Throws<TorchException>(() => Tensor.Of(1).To(Device.Cuda()));
    }

    [Fact]
    public void The_library_says_what_it_is()
    {
        Assert.Matches(@"^\d+\.\d+", TorchInfo.Version);
        Assert.Contains("OpenMP", TorchInfo.Configuration, StringComparison.Ordinal);
        TorchInfo.Synchronize();
    }

    private static void RoundTrip<T>(DType dtype, params T[] values)
        where T : unmanaged
    {
        var tensor = Tensor.From(values, 2, 2);

        Assert.Equal(dtype, tensor.DType);
        Assert.Equal(Unsafe.SizeOf<T>(), dtype.Size());
        Assert.Equal(values, tensor.ToArray<T>());
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (WeakReference Array, Tensor View) ShareAndForget(bool disposeView)
    {
        var values = new float[1000];
        var tensor = Tensor.Share(values, 10, 100);
        var view = tensor[3];
        tensor.Dispose();
        if (disposeView)
        {
            view.Dispose();
        }

        return (new(values), view);
    }

    private static bool Survives(WeakReference reference)
    {
        Collect();
        return reference.IsAlive;
    }

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }
}
