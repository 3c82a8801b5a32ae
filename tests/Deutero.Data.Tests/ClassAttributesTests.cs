namespace Deutero.Data.Tests;

public sealed class ClassAttributesTests
{
    // The rows of the meta-training classes a and b are (0, 5) and (2, 5): mean 1 and deviation 1, and a column that says nothing.
    [Fact]
    public void Numbers_of_a_table_are_standardised_by_the_meta_training_classes()
    {
        var data = ClassAttributes.OfTable(Data(), TableOf("class,x,y\na,0,5\nb,2,5\nc,5,6\nd,1,1\nunused,9,9"), "table");
        Assert.Equal([-1f, 0], data.Train.Attributes(0));
        Assert.Equal([1f, 0], data.Train.Attributes(1));
        Assert.Equal([4f, 0], data.Validation.Attributes(0));
        Assert.Equal([0f, 0], data.Test.Attributes(0));
        Assert.Equal(("b", "group", 2, 1), (data.Train.ClassName(1), data.Train.Group(1), data.Train.ClassCount, data.Train.ItemCount(1)));
        var item = new float[1];
        data.Train.Write(1, 0, item);
        Assert.Equal(1f, item[0]);
        Assert.Empty(Data().Train.Attributes(0));
    }

    [Theory]
    [InlineData("class,x\na,0\nb,2\nc,5", "table has 0 rows of the class 'd', where one is expected.")]
    [InlineData("class,x\na,0\nb,2\nc,5\nd,1\nb,3", "table has 2 rows of the class 'b', where one is expected.")]
    public void Class_without_one_row_is_named(string csv, string message) =>
        Assert.Equal(message, Assert.Throws<DataFormatException>(() => ClassAttributes.OfTable(Data(), TableOf(csv), "table")).Message);

    // Vectors of length 1 are averaged over the words of a name that have one; a name without any takes its broader name.
    [Fact]
    public void Words_of_names_are_averaged_and_a_name_without_vectors_takes_the_broader_one()
    {
        var vectors = new WordVectors(["king", "penguin", "bird"], [1, 0, 0, 1, 0, 2]);
        var data = Data("n1 King penguin", "king", "gazelle", "penguin") with { BroaderNames = new Dictionary<string, string> { ["gazelle"] = "hoofed bird" } };
        var described = ClassAttributes.OfNames(data, vectors);

        // (.5, .5) and (1, 0): means (.75, .25), deviations .25.
        Assert.Equal([-1f, 1], described.Train.Attributes(0));
        Assert.Equal([1f, -1], described.Train.Attributes(1));
        Assert.Equal([-3f, 3], described.Validation.Attributes(0));
        Assert.Equal([-3f, 3], described.Test.Attributes(0));
        Assert.Contains("'gazelle'", Assert.Throws<DataFormatException>(() => ClassAttributes.OfNames(data with { BroaderNames = null }, vectors)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_class_of_tiny_imagenet_has_word_vectors()
    {
        var location = DataLocation.Resolve();
        Assert.SkipWhen(
            (location with { Folders = [.. location.Folders, DataLocation.CacheFolder] }).TryFind(DataSets.WordVectors, [DataSets.WordVectors.Files[0].Name]) is null,
            "Word vectors are not on this machine.");
        var data = ClassAttributes.Add(ClassData.Open("tiny-imagenet32", TestData.Folder(DataSets.TinyImageNet32)), ClassAttributes.Names);
        Assert.All(Enumerable.Range(0, data.Test.ClassCount), one => Assert.Equal(100, data.Test.Attributes(one).Count));
        Assert.Equal(0, Enumerable.Range(0, 61).Average(one => data.Train.Attributes(one)[7]), 1e-5);
    }

    private static Table TableOf(string csv) => Table.Read(new StringReader(csv), "table");

    // Two meta-training classes, one of each other split, of one item each: its class's place.
    private static ClassData Data(params string[] names)
    {
        string[] four = names.Length == 4 ? names : ["a", "b", "c", "d"];
        var buffer = new ImageBuffer([0, 255, 0, 0], 1, 1, 1, PixelLayout.ChannelsFirst);
        ImageClasses Pool(string name, params int[] rows) => new(name, buffer, rows.Select(row => new ImageClass(four[row], [row]) { Group = "group" }));
        return new("data", Pool("train", 0, 1), Pool("validation", 2), Pool("test", 3));
    }
}
