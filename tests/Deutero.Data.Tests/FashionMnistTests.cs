namespace Deutero.Data.Tests;

public sealed class FashionMnistTests
{
    [Fact]
    public void There_are_7000_images_of_each_of_ten_classes_for_the_test_alone()
    {
        var data = ClassData.Open("fashion-mnist", TestData.Folder(DataSets.FashionMnist));
        Assert.Equal((0, 0, 10), (data.Train.ClassCount, data.Validation.ClassCount, data.Test.ClassCount));
        Assert.All(Enumerable.Range(0, 10), c => Assert.Equal(7000, data.Test.ItemCount(c)));
        Assert.All(DataSets.FashionMnist.Verify(DataLocation.Resolve(TestData.Folder(DataSets.FashionMnist))), check => Assert.Equal(FileState.Ok, check.State));
        Assert.Equal(("T-shirt or top", "Ankle boot"), (data.Test.ClassName(0), data.Test.ClassName(9)));
    }

    [Theory]
    [InlineData(1, 59.9)]
    [InlineData(5, 73.9)]
    public void Pixel_class_mean_reaches_its_known_accuracy(int shots, double percent) =>
        Assert.Equal(percent, NearestMean.Accuracy(FashionMnist.Open(TestData.Folder(DataSets.FashionMnist)).Test, shots, 300, seed: 1), 1.5);

    [Fact]
    public void Where_it_is_not_installed_the_package_is_named()
    {
        using var folder = new TemporaryFolder();
        var refusal = Assert.Throws<DataNotFoundException>(() => FashionMnist.Open(folder.Path)).Message;
        Assert.Contains("Debian's package dataset-fashion-mnist", refusal, StringComparison.Ordinal);
    }
}
