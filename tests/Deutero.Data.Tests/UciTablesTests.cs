using Deutero.Torch;

namespace Deutero.Data.Tests;

public sealed class UciTablesTests
{
    private const float Missing = float.NaN;

    // Sizes as the archive's authors and UCI give them.
    [Theory]
    [InlineData("iris", 4, "50,50,50")]
    [InlineData("wine", 13, "59,71,48")]
    [InlineData("zoo", 16, "4,20,13,8,10,41,5")]
    [InlineData("vowel", 11, "90,90,90,90,90,90,90,90,90,90,90")]
    [InlineData("splice", 60, "767,768,1655")]
    [InlineData("sonar", 60, "111,97")]
    public void Tables_have_their_columns_and_classes_without_names(string name, int columns, string rows)
    {
        var table = Assert.Single(All(), table => table.Name == name);
        Assert.Equal(columns, table.Columns.Count);
        Assert.Equal(rows, string.Join(',', table.Classes.Select(one => one.Rows.Count)));
        Assert.All(table.Classes.SelectMany(one => one.Rows), row => Assert.Equal(columns, row.Length));
    }

    [Fact]
    public void Tables_of_one_origin_are_in_one_split()
    {
        var tables = UciTables.Open(TestData.Folder(DataSets.UciArff));
        Assert.Equal(41, All().Count());
        var splits = new[] { tables.Train, tables.Validation, tables.Test };
        Assert.All(splits, split => Assert.NotEmpty(split));
        int Of(string name) => Array.FindIndex(splits, split => split.Any(table => table.Name == name));
        Assert.Equal(Of("heart.c"), Of("heart.statlog"));
        Assert.Equal(Of("sick"), Of("hypothyroid"));
        Assert.Equal(41, splits.SelectMany(split => split).Select(table => table.Name).Distinct().Count());
    }

    [Fact]
    public void Categories_are_places_in_order_of_name_and_gaps_are_no_numbers()
    {
        using var reader = new StringReader("@relation t\n@attribute a numeric\n@attribute b {x,y}\n@attribute c {0,1}\n@data\n1.5,y,0\n?,x,1\n2,?,1\n3,x,?\n");
        var table = UciTables.Read(reader, "t.arff");
        Assert.Equal(["a", "b"], table.Columns);
        Assert.Equal(["0", "1"], table.Classes.Select(one => one.Name)); // the row without a class is left out
        Assert.Equal([1.5f, 1], table.Classes[0].Rows[0]);
        Assert.Equal([Missing, 0], table.Classes[1].Rows[0]);
        Assert.Equal([2, Missing], table.Classes[1].Rows[1]);
    }

    // Classes 0 and 1 with the rows 1, 3 and missing: a support set of all but one of each.
    [Fact]
    public void Columns_are_standardised_by_the_support_set_and_filled_up_with_zeros()
    {
        var table = new ClassTable("t", ["number", "same", "gaps"], [("a", [[1, 7, Missing], [1, 7, 2]]), ("b", [[3, 7, 4], [3, 7, Missing]])]);
        var episode = new TableEpisodes("test", [table], 2, 1, 1).Sample(Generator.Seed(1));
        var columns = episode.Identity[(episode.Identity.IndexOf('[', StringComparison.Ordinal) + 1)..episode.Identity.IndexOf(']', StringComparison.Ordinal)].Split(',').ToList();
        var (support, query) = (episode.Support.Inputs, episode.Query.Inputs);
        Assert.Equal([2, TableEpisodes.Columns], support.Shape);
        Assert.Equal("t", episode.Source);
        float[] Column(Tensor rows, int column) => rows.Narrow(1, columns.IndexOf($"{column}"), 1).Reshape([-1]).ToArray<float>();
        Assert.Equal([-1, 1], Column(support, 0).Order()); // 1 and 3: mean 2, deviation 1
        Assert.Equal([-1, 1], Column(query, 0).Order());
        Assert.Equal([0, 0, 0, 0], [.. Column(support, 1), .. Column(query, 1)]); // the same everywhere
        Assert.All(Column(support, 2), value => Assert.True(float.IsFinite(value))); // what is missing is the mean
        Assert.All(support.Narrow(1, 3, TableEpisodes.Columns - 3).Reshape([-1]).ToArray<float>(), value => Assert.Equal(0, value));
    }

    [Fact]
    public void Query_rows_are_cut_off_far_from_the_support_set_and_are_no_support_rows()
    {
        float[][] Rows(float far) => [.. Enumerable.Range(0, 6).Select(i => new float[] { i, i == 5 ? far : i % 3 })];
        var table = new ClassTable("t", ["a", "b"], [("a", Rows(1e6f)), ("b", Rows(-1e6f))]);
        var tasks = new TableEpisodes("test", [table], 2, 3, 3);
        for (ulong seed = 0; seed < 20; seed++)
        {
            var episode = tasks.Sample(Generator.Seed(seed));
            Assert.All(episode.Query.Inputs.Reshape([-1]).ToArray<float>(), value => Assert.InRange(value, -5, 5));
            foreach (var part in episode.Identity[(episode.Identity.IndexOf(']', StringComparison.Ordinal) + 1)..].Split(';'))
            {
                var sets = part.Split(':')[1].Split('|');
                Assert.Equal(6, sets[0].Split(',').Concat(sets[1].Split(',')).Distinct().Count());
            }
        }
    }

    [Fact]
    public void Of_many_columns_as_many_are_drawn_as_an_input_has_and_the_seed_says_which()
    {
        var random = Generator.Seed(3);
        float[][] Rows() => [.. Enumerable.Range(0, 10).Select(_ => Enumerable.Range(0, 30).Select(_ => (float)random.NextDouble()).ToArray())];
        var tasks = new TableEpisodes("test", [new("wide", [.. Enumerable.Range(0, 30).Select(i => $"{i}")], [("a", Rows()), ("b", Rows()), ("c", Rows()[..3])])], 2, 5, 5);
        string Identity(ulong seed) => tasks.Sample(Generator.Seed(seed)).Identity;
        Assert.Equal(Identity(1), Identity(1));
        Assert.NotEqual(Identity(1), Identity(2));
        Assert.Equal(TableEpisodes.Columns, Identity(1).Split('[')[1].Split(']')[0].Split(',').Distinct().Count());
        Assert.DoesNotContain("c:", Identity(1), StringComparison.Ordinal); // too few rows
    }

    [Fact]
    public void Tables_without_enough_rows_are_refused_in_a_sentence() => Assert.Equal(
        "2-way episodes with 3 support and 4 query rows of each class were asked for but none of the 1 tables of test has 2 classes of 7 rows.",
        Assert.Throws<ArgumentException>(() => new TableEpisodes("test", [new("t", ["a"], [("a", [[1]]), ("b", [[2]])])], 2, 3, 4)).Message);

    private static IEnumerable<ClassTable> All()
    {
        var tables = UciTables.Open(TestData.Folder(DataSets.UciArff));
        return tables.Train.Concat(tables.Validation).Concat(tables.Test);
    }
}
