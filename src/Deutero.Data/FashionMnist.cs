namespace Deutero.Data;

/// <summary>Fashion-MNIST: 70,000 grey images of clothes, 28x28, 7,000 of each of ten classes (Xiao, Rasul and Vollgraf 2017). All classes are for testing.</summary>
public static class FashionMnist
{
    private const int Size = 28;

    // In the order of the labels.
    private static readonly string[] Classes = ["T-shirt or top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"];

    /// <summary>Opens the images, those for training and for testing of the data set's own split together.</summary>
    /// <param name="dataFolder">The folder with <c>fashion-mnist/</c>, or <see langword="null"/> to look in the usual places.</param>
    /// <returns>No classes for meta-training and validation, and ten of items <c>[1, 28, 28]</c> for the test.</returns>
    /// <exception cref="DataNotFoundException">The files are in none of the places; the message names the Debian package.</exception>
    /// <exception cref="DataFormatException">A file is damaged.</exception>
    public static ClassData Open(string? dataFolder = null)
    {
        var set = DataSets.FashionMnist;
        var folder = DataLocation.Resolve(dataFolder).Find(set, [.. set.Files.Select(file => file.Name)]);
        var (test, train) = (Read(folder, "t10k"), Read(folder, "train"));
        var images = new ImageBuffer([.. train.Pixels, .. test.Pixels], 1, Size, Size, PixelLayout.ChannelsFirst);
        var classes = train.Labels.Concat(test.Labels).Index().GroupBy(label => label.Item, label => label.Index).OrderBy(rows => rows.Key)
            .Select(rows => new ImageClass(Classes[rows.Key], [.. rows]));
        ImageClasses None(string split) => new($"{set.Name}/{split}", images, []);
        return new(set.Name, None("train"), None("validation"), new ImageClasses($"{set.Name}/test", images, classes));
    }

    private static (byte[] Pixels, byte[] Labels) Read(string folder, string part)
    {
        var path = Path.Combine(folder, $"{part}-images-idx3-ubyte.gz");
        var (images, labels) = (Idx.ReadFile(path, 3), Idx.ReadFile(Path.Combine(folder, $"{part}-labels-idx1-ubyte.gz"), 1));
        return images.Shape[0] == labels.Shape[0] && images.Shape[1] == Size && images.Shape[2] == Size && labels.Data.All(label => label < Classes.Length)
            ? (images.Data, labels.Data)
            : throw new DataFormatException($"{path} has the shape [{string.Join(", ", images.Shape)}] where [{labels.Shape[0]}, 28, 28] with labels 0 to 9 is expected.");
    }
}
