using Deutero.Cli.Commands;
using Deutero.Data;
using Deutero.Torch;
using Deutero.Torch.Imaging;

namespace Deutero.Cli.Tests.Commands;

public sealed class DataExportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("deutero-export").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Exported_images_are_the_data_set_s_pixels()
    {
        var pool = Glyphs.Open("test");
        using var random = Generator.Seed(1);
        var names = DataExport.Write(pool, 3, 2, 0, random, _folder);

        Assert.Equal(3, Directory.GetDirectories(_folder).Length);
        var expected = new float[28 * 28];
        foreach (var name in names)
        {
            var index = Enumerable.Range(0, pool.ClassCount).Single(i => pool.ClassName(i).Replace('/', '-').Replace(' ', '_') == name);
            var files = Directory.GetFiles(Path.Combine(_folder, name));
            Assert.Equal(2, files.Length);
            foreach (var file in files)
            {
                pool.Write(index, int.Parse(Path.GetFileNameWithoutExtension(file)), expected);
                Assert.Equal(expected, ImageFile.Read(file, 1).Pixels.Select(level => level / 255f));
            }
        }
    }

    [Fact]
    public void Queries_go_to_a_folder_of_their_own_and_share_no_image_with_the_support()
    {
        using var random = Generator.Seed(1);
        foreach (var name in DataExport.Write(Glyphs.Open("test"), 2, 3, 4, random, _folder))
        {
            var support = Names("support", name);
            var query = Names("query", name);
            Assert.Equal((3, 4), (support.Length, query.Length));
            Assert.Empty(support.Intersect(query));
        }
    }

    [Fact]
    public void The_same_seed_draws_the_same_classes()
    {
        using var first = Generator.Seed(5);
        using var second = Generator.Seed(5);
        var pool = Glyphs.Open("test");
        Assert.Equal(
            DataExport.Write(pool, 5, 1, 0, first, Path.Combine(_folder, "a")), DataExport.Write(pool, 5, 1, 0, second, Path.Combine(_folder, "b")));
    }

    [Theory]
    [InlineData(0, 1, 0, "--classes must be between 1 and 485")]
    [InlineData(486, 1, 0, "--classes must be between 1 and 485")]
    [InlineData(5, 0, 0, "--images must be at least 1")]
    [InlineData(5, 15, 6, "21 images were asked for but class")]
    public void An_impossible_export_is_refused(int classes, int images, int queries, string message)
    {
        using var random = Generator.Seed(1);
        var refusal = Assert.Throws<ArgumentException>(() => DataExport.Write(Glyphs.Open("test"), classes, images, queries, random, _folder));
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public void A_folder_that_holds_something_is_refused()
    {
        File.WriteAllText(Path.Combine(_folder, "mine.txt"), "");
        using var random = Generator.Seed(1);
        var refusal = Assert.Throws<ArgumentException>(() => DataExport.Write(Glyphs.Open("test"), 5, 1, 0, random, _folder));
        Assert.Contains("is not an empty folder", refusal.Message, StringComparison.Ordinal);
    }

    private string[] Names(string part, string name) =>
        [.. Directory.GetFiles(Path.Combine(_folder, part, name)).Select(file => Path.GetFileName(file))];
}
