using System.Globalization;
using System.Text;

namespace Deutero.Data.Tests;

public sealed class TableTests
{
    private const string Small = "width,label,height\n1,cat,2.5\n3,dog,-4e1\n5,\"a, b\",6\n";

    [Fact]
    public void Numbers_and_labels_are_read()
    {
        var table = Read(Small);
        Assert.Equal(["width", "height"], table.Features);
        Assert.Equal(["cat", "dog", "a, b"], table.Labels);
        Assert.Equal([3f, -40f], table.Rows[1]);
    }

    [Theory]
    [InlineData("x,label\n1,a\nabc,b\n", "t.csv, row 3, column 'x': 'abc' is not a finite number.")]
    [InlineData("x,label\n,a\n", "t.csv, row 2, column 'x': '' is not a finite number.")]
    [InlineData("x,label\nNaN,a\n", "t.csv, row 2, column 'x': 'NaN' is not a finite number.")]
    [InlineData("x,label\n1e99,a\n", "t.csv, row 2, column 'x': '1e99' is not a finite number.")]
    [InlineData("x,label\n1,a,3\n", "t.csv, row 2 has 3 cells where the header has 2.")]
    [InlineData("x,label\n1, \n", "t.csv, row 2, column 'label' has no label.")]
    [InlineData("x,y\n1,2\n", "t.csv has no column label or class or category or target: its columns are x, y.")]
    [InlineData("x,X,label\n1,2,a\n", "t.csv has two columns called 'x'.")]
    [InlineData("label\na\n", "t.csv has 1 column(s) where a label and 1 to 100,000 numeric columns are expected.")]
    [InlineData("x,label\n", "t.csv has a header line and no rows.")]
    [InlineData("", "t.csv is empty: a header line was expected.")]
    public void Wrong_tables_are_refused_with_row_and_column(string text, string message) =>
        Assert.Equal(message, Assert.Throws<DataFormatException>(() => Read(text)).Message);

    [Fact]
    public void Label_column_can_be_chosen_and_an_unknown_one_is_named()
    {
        Assert.Equal(["1", "3"], Read("width,height\n1,2\n3,4\n", "width").Labels);
        Assert.Contains("has no column depth", Assert.Throws<DataFormatException>(() => Read(Small, "depth")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Features_are_standardised_by_the_meta_training_rows_alone()
    {
        var text = new StringBuilder("x,constant,label\n");
        foreach (var i in Enumerable.Range(0, 40))
        {
            text.Append(CultureInfo.InvariantCulture, $"{i * i},5,class{i % 10}\n");
        }

        var data = CsvClasses.Split(Read(text.ToString()), "t.csv");
        Assert.Equal((6, 2, 2), (data.Train.ClassCount, data.Validation.ClassCount, data.Test.ClassCount));
        var rows = Enumerable.Range(0, 6).SelectMany(c => Enumerable.Range(0, 4).Select(item =>
        {
            var row = new float[2];
            data.Train.Write(c, item, row);
            return row;
        })).ToArray();
        Assert.Equal(0, rows.Average(row => row[0]), 1e-6);
        Assert.Equal(1, rows.Average(row => row[0] * row[0]), 1e-5);
        Assert.All(rows, row => Assert.Equal(0, row[1]));
    }

    [Fact]
    public void Class_of_one_row_and_too_few_classes_are_refused()
    {
        Assert.Contains("1 row of class 'a'", Assert.Throws<DataFormatException>(() => CsvClasses.Split(Read("x,label\n1,a\n1,b\n2,b\n"), "t.csv")).Message, StringComparison.Ordinal);
        Assert.Contains("has 2 class(es) (a, b)", Assert.Throws<DataFormatException>(() => CsvClasses.Split(Read("x,label\n1,a\n3,a\n1,b\n2,b\n"), "t.csv")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ten_thousand_mutations_neither_crash_nor_hang() =>
        Hostile.Feed<DataFormatException>(Encoding.UTF8.GetBytes(Small), 10_000, bytes => Read(Encoding.UTF8.GetString(bytes)));

    [Fact]
    public void Cell_without_end_is_refused_before_it_fills_the_memory()
    {
        var text = "x,label\n\"" + new string('1', 5_000_000);
        Assert.Contains("row 2 cannot be read", Assert.Throws<DataFormatException>(() => Read(text)).Message, StringComparison.Ordinal);
    }

    private static Table Read(string text, string? label = null)
    {
        using var reader = new StringReader(text);
        return Table.Read(reader, "t.csv", label);
    }
}
