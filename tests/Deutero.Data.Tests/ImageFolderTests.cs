using Deutero.Torch.Imaging;

namespace Deutero.Data.Tests;

public sealed class ImageFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Classes_are_split_by_name_and_images_resized()
    {
        for (var c = 0; c < 10; c++)
        {
            Fill($"class{c}", 3, (byte)(c * 20));
        }

        folder.Write("class0/.DS_Store", [1]);
        var data = ClassData.Open($"folder:{folder.Path}", images: new ImageFolderOptions { Size = 8, Channels = 1 });
        Assert.Equal((6, 2, 2), (data.Train.ClassCount, data.Validation.ClassCount, data.Test.ClassCount));
        var item = new float[64];
        data.Test.Write(0, 2, item);
        var level = data.Test.ClassName(0)[^1] - '0';
        Assert.All(item, value => Assert.Equal(level * 20 / 255f, value, 1e-6));
        var again = ImageFolder.Open(folder.Path);
        Assert.Equal(data.Test.ClassName(0), again.Test.ClassName(0));
    }

    [Fact]
    public void Folders_named_train_val_and_test_are_taken_as_they_stand()
    {
        Fill("train/a", 2, 1);
        Fill("train/b", 2, 1);
        Fill("val/c", 2, 1);
        Fill("test/d", 2, 1);
        var data = ImageFolder.Open(folder.Path);
        Assert.Equal((2, 1, 1), (data.Train.ClassCount, data.Validation.ClassCount, data.Test.ClassCount));
        Fill("test/a", 2, 1);
        Assert.Contains("'a' is in both", Refusal<ArgumentException>(), StringComparison.Ordinal);
    }

    [Fact]
    public void Unreadable_image_is_named()
    {
        FillThree();
        var file = Picture(1);
        file[50] ^= 1;
        var path = folder.Write("b/broken.png", file);
        Assert.StartsWith($"{path} is a PNG whose chunk IDAT", Refusal<ImageFormatException>(), StringComparison.Ordinal);
    }

    [Fact]
    public void Class_with_a_single_image_is_named()
    {
        FillThree();
        Fill("lonely", 1, 1);
        Assert.Contains("lonely has 1 image(s)", Refusal<DataFormatException>(), StringComparison.Ordinal);
    }

    [Fact]
    public void File_that_is_no_image_is_named()
    {
        FillThree();
        folder.Write("b/notes.txt", [65]);
        Assert.Contains("notes.txt is not a .png, .jpg or .jpeg file", Refusal<DataFormatException>(), StringComparison.Ordinal);
    }

    [Fact]
    public void Empty_and_missing_folders_are_refused()
    {
        Assert.Contains("has 0 class(es)", Refusal<DataFormatException>(), StringComparison.Ordinal);
        Assert.Throws<DataNotFoundException>(() => ImageFolder.Open(Path.Combine(folder.Path, "nowhere")));
    }

    private void FillThree()
    {
        Fill("a", 2, 1);
        Fill("b", 2, 1);
        Fill("c", 2, 1);
    }

    private void Fill(string name, int images, byte value)
    {
        for (var i = 0; i < images; i++)
        {
            folder.Write($"{name}/{i}.png", Picture(value));
        }
    }

    private static byte[] Picture(byte value) => new Image(12, 9, 1, [.. Enumerable.Repeat(value, 12 * 9)]).EncodePng();

    private string Refusal<T>()
        where T : Exception => Assert.Throws<T>(() => ImageFolder.Open(folder.Path)).Message;
}
