namespace Deutero.Data.Tests;

public sealed class TinyImageNet32Tests
{
    [Fact]
    public void Counts_are_61_17_and_20_classes_of_150_and_100_images()
    {
        var data = Open();
        Assert.Equal((61, 17, 20), (data.Train.ClassCount, data.Validation.ClassCount, data.Test.ClassCount));
        Assert.All(Enumerable.Range(0, 61), c => Assert.Equal(150, data.Train.ItemCount(c)));
        Assert.All(Enumerable.Range(0, 20), c => Assert.Equal(100, data[Split.Test].ItemCount(c)));
        Assert.Equal([3L, 32, 32], data.Train.ItemShape);
        Assert.Equal("n01855672 goose", data.Train.ClassName(1));
    }

    [Theory]
    [InlineData(1, 24.7)]
    [InlineData(5, 30.2)]
    public void Pixel_class_mean_reaches_its_known_accuracy_on_test_classes(int shots, double percent) =>
        Assert.Equal(percent, NearestMean.Accuracy(Open().Test, shots, 300, seed: 1), 1.5);

    private static ClassData Open() => ClassData.Open("tiny-imagenet32", TestData.Folder(DataSets.TinyImageNet32));
}
