using Deutero.Torch.Serialization;
using static Deutero.Torch.Tests.Numbers;

namespace Deutero.Torch.Tests;

public sealed class SafetensorsParametersTests
{
    [Fact]
    public void Order_bits_types_and_metadata_come_back() => InFolder(path =>
    {
        Parameters written =
        [
            new("z.small", Scalar(-0.0)),
            new("a.large", Normal(1, 3, 4)),
            new("half", Normal(2, 5).To(DType.BFloat16)),
            new("Half", Normal(2, 5).To(DType.Float16)),
            new("single", Vector(double.NaN, double.Epsilon, 1e300).To(DType.Float32)),
            new("labels", Tensor.From<long>([long.MinValue, 7])),
            new("mask", Tensor.From<bool>([true, false])),
            new("empty", Tensor.Zeros([0, 3])),
            new("view", Matrix(2, 1, 2, 3, 4).T()),
        ];
        var metadata = new Dictionary<string, string> { ["model"] = "Conv4", ["note"] = "a\nb" };

        SafetensorsParameters.Save(path, written, metadata);
        var (read, texts) = SafetensorsParameters.Load(path);

        Assert.Equal(written.Names, read.Names);
        Assert.True(written.BitEquals(read));
        Assert.All(written.Zip(read), pair => Assert.Equal(pair.First.Value.ToString(), pair.Second.Value.ToString()));
        Assert.Equal(metadata, texts);
    });

    [Fact]
    public void A_file_of_another_program_is_read_in_its_own_order() => InFolder(path =>
    {
        Safetensors.Write(path, [new("b", "F32", [1], new byte[4]), new("a", "F64", [1], new byte[8])]);

        var (read, texts) = SafetensorsParameters.Load(path);

        Assert.Equal(["a", "b"], read.Names);
        Assert.Empty(texts);
    });

    [Fact]
    public void No_parameters_at_all_come_back_as_none() => InFolder(path =>
    {
        SafetensorsParameters.Save(path, Parameters.Empty);

        Assert.Empty(SafetensorsParameters.Load(path).Parameters);
    });

    [Fact]
    public void Names_that_would_break_the_stored_order_still_come_back() => InFolder(path =>
    {
        Parameters written = [new("b\nc", Scalar(1)), new("a", Scalar(2)), new("", Scalar(3))];

        SafetensorsParameters.Save(path, written);
        var (read, _) = SafetensorsParameters.Load(path);

        Assert.Equal(3, read.Count);
        Assert.All(written, item => Assert.True(item.Value.BitEquals(read[item.Key])));
    });

    private static void InFolder(Action<string> test)
    {
        var folder = Directory.CreateTempSubdirectory("deutero-parameters-");
        try
        {
            test(Path.Combine(folder.FullName, "theta.safetensors"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
