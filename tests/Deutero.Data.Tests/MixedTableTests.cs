using System.IO.Compression;

namespace Deutero.Data.Tests;

public sealed class MixedTableTests
{
    private const string Arff = """
        % a comment
        @RELATION pets
        @ATTRIBUTE 'coat colour' {black, 'light brown'}
        @attribute weight REAL
        @attribute kind {cat, dog}
        @data
        black, 4.5, cat
        'light brown', ?, dog

        ?, 20, dog
        """;

    [Fact]
    public void Numbers_stay_and_categories_become_a_place_each()
    {
        var table = Read("t.csv", "size,colour,kind\n1.5,red,a\n,blue,b\n-2,?,a\n", "kind");
        Assert.Equal(["size", "colour=blue", "colour=red"], table.Features);
        Assert.Equal([1.5f, 0, 1], table.Rows[0]);
        Assert.Equal([float.NaN, 1, 0], table.Rows[1]);
        Assert.Equal([-2f, 0, 0], table.Rows[2]);
        Assert.Equal(["a", "b", "a"], table.Labels);
    }

    [Fact]
    public void Arff_is_read_with_quotes_comments_and_missing_cells()
    {
        var table = Read("t.arff", Arff, "kind");
        Assert.Equal(["coat colour=black", "coat colour=light brown", "weight"], table.Features);
        Assert.Equal([0f, 1, float.NaN], table.Rows[1]);
        Assert.Equal([0f, 0, 20], table.Rows[2]);
        Assert.Equal(["cat", "dog", "dog"], table.Labels);
    }

    [Fact]
    public void What_is_missing_is_the_mean_of_what_is_not()
    {
        var rows = Enumerable.Range(0, 40).Select(i => $"{(i < 10 ? "" : $"{i % 7}")},class{i % 10}");
        var data = CsvClasses.Split(Read("t.csv", "x,class\n" + string.Join('\n', rows), null), "t.csv");
        var item = new float[1];
        foreach (var classIndex in Enumerable.Range(0, data.Train.ClassCount))
        {
            data.Train.Write(classIndex, 0, item); // the first row of each class lacks its number
            Assert.Equal(0, item[0]);
        }
    }

    [Fact]
    public void Rows_by_column_become_the_numbers_of_the_pool()
    {
        var rows = Enumerable.Range(0, 40).Select(i => (Size: i % 7 == 0 ? null : (object?)(i / 8.0), Colour: i % 5 == 0 ? null : (object?)(i % 2 == 0 ? "red" : "blue"), Class: $"class{i % 10}")).ToArray();
        var text = "size,colour,same,class\n" + string.Join('\n', rows.Select(row => FormattableString.Invariant($"{row.Size},{row.Colour},3,{row.Class}")));
        var data = CsvClasses.Split(Read("t.csv", text, null), "t.csv");
        var columns = data.Columns!;
        Assert.Equal((4, "size colour same"), (columns.Length, string.Join(' ', columns.Columns.Select(column => column.Name))));
        foreach (var pool in (Tasks.IClassPool[])[data.Train, data.Validation, data.Test])
        {
            foreach (var (name, index) in Enumerable.Range(0, pool.ClassCount).Select(index => (pool.ClassName(index), index)))
            {
                var item = new float[4];
                pool.Write(index, 1, item);
                var row = rows.Where(one => one.Class == name).ElementAt(1);
                Assert.Equal(item, columns.Numbers(new Dictionary<string, object?> { ["same"] = 3, ["colour"] = row.Colour, ["size"] = row.Size }));
            }
        }

        var red = columns.Numbers(new Dictionary<string, object?> { ["colour"] = " red " });
        Assert.Equal((0, true, 0), (red[0], red[2] > 0, red[3])); // what is missing is the mean, and what never varied says nothing
        Assert.Equal(
            columns.Numbers(new Dictionary<string, object?> { ["size"] = 1f }), columns.Numbers(new Dictionary<string, object?> { ["size"] = 1, ["colour"] = "mauve" }));
    }

    [Fact]
    public void Numbers_and_texts_of_a_file_are_told_by_the_columns()
    {
        TableColumns columns = new([new("x", null, [0], [1]), new("kind", ["1", "2"], [0, 0], [1, 1])]);
        var typed = columns.Typed(new Dictionary<string, string?> { ["x"] = "1.5", ["kind"] = "1", ["other"] = "2" });
        Assert.Equal([1.5, "1", "2"], typed.Values);
        Assert.Equal("b", columns.Typed(new Dictionary<string, string?> { ["x"] = "b" })["x"]);
        Assert.Throws<ArgumentException>(() => new TableColumns([]));
        Assert.Throws<ArgumentException>(() => new TableColumns([new("x", null, [0], [double.NaN])]));
        Assert.Throws<ArgumentException>(() => new TableColumns([new("x", ["a", "b"], [0], [1])]));
        Assert.Equal("Two columns are called 'x'.", Assert.Throws<ArgumentException>(() => new TableColumns([new("x", null, [0], [1]), new("x", null, [0], [1])])).Message);
    }

    [Theory]
    [InlineData("t.csv", "x,label\n", "t.csv has columns and no rows.")]
    [InlineData("t.csv", "x,label\n1,?\n", "t.csv, row 2, column 'label' has no class.")]
    [InlineData("t.csv", "x,y\n1,2\n", "t.csv has no column label or class or category or target for the class: its columns are x, y; name one as table:t.csv#COLUMN.")]
    [InlineData("t.csv", "label\na\n", "t.csv has 1 column(s) where a class and at least one more are expected.")]
    [InlineData("t.txt", "", "t.txt ends in '.txt' where .csv or .arff is expected.")]
    [InlineData("t.arff", "@relation r\n@attribute x real\n", "t.arff has no @data line.")]
    [InlineData("t.arff", "@relation r\nx\n", "t.arff, line 2 is 'x' where @relation, @attribute or @data is expected.")]
    [InlineData("t.arff", "@attribute x\n", "t.arff, line 1 declares an attribute without a name and a type.")]
    [InlineData("t.arff", "@attribute x real\n@attribute class {a}\n@data\n1\n", "t.arff, line 4 has 1 cells where 2 attributes are declared.")]
    [InlineData("t.arff", "@attribute x real\n@attribute class {a}\n@data\n{0 1}\n", "t.arff, line 4 is a sparse row: dense rows, with a cell for each attribute, are expected.")]
    [InlineData("t.arff", "@attribute x real\n@attribute class {a}\n@data\n1,'a\n", "t.arff, line 4 has a quotation mark that is not closed.")]
    public void Wrong_tables_are_refused_in_one_sentence(string name, string text, string message) =>
        Assert.Equal(message, Assert.Throws<DataFormatException>(() => Read(name, text, null)).Message);

    [Fact]
    public void Column_of_names_is_refused_and_named()
    {
        var rows = Enumerable.Range(0, 20).Select(i => $"animal{i},{i % 2}");
        Assert.Equal(
            "t.csv, column 'name' has 20 different texts in 20 rows, where numbers or at most 100 categories are expected: leave it out of the file.",
            Assert.Throws<DataFormatException>(() => Read("t.csv", "name,class\n" + string.Join('\n', rows), null)).Message);
    }

    [Fact]
    public void Every_table_of_the_uci_archive_is_read_with_its_class()
    {
        var path = Path.Combine(TestData.Folder(DataSets.UciArff), "uci-arff/uci_classification_arff.zip");
        using var archive = ZipFile.OpenRead(path);
        string[] withNames = ["bridges.version1.arff", "cylinder.bands.arff", "flags.arff", "splice.arff"]; // each has a column of names, to be left out
        var rows = 0;
        foreach (var entry in archive.Entries.Where(entry => !withNames.Contains(entry.Name)))
        {
            using var reader = new StreamReader(entry.Open());
            var text = reader.ReadToEnd();
            using var again = new StringReader(text);
            var header = Data.Arff.Read(again, entry.Name).Header;
            using var table = new StringReader(text);
            var read = MixedTable.Read(table, entry.Name, entry.Name == "wine.arff" ? header[0] : header[^1]);
            Assert.InRange(read.Labels.Distinct().Count(), 2, 24);
            rows += read.Rows.Count;
        }

        Assert.InRange(rows, 20_000, 40_000);
    }

    private static Table Read(string name, string text, string? label)
    {
        using var reader = new StringReader(text);
        return MixedTable.Read(reader, name, label);
    }
}
