using System.CommandLine;
using Deutero.Data;
using Deutero.Tasks;
using Deutero.Torch;
using Deutero.Torch.Imaging;
using Deutero.Torch.Serialization;

namespace Deutero.Cli.Commands;

/// <summary><c>deutero data export</c>: writes a task of a data set as folders of PNG files, one folder a class.</summary>
internal static class DataExport
{
    private static readonly Argument<string> s_name = new("name") { Description = "The data set: glyphs, omniglot, omniglot-random, omniglot-lake, tiny-imagenet32, fashion-mnist or folder:PATH." };

    private static readonly Option<Split> s_split = new("--split") { Description = "Which classes to draw from.", DefaultValueFactory = _ => Split.Test };

    private static readonly Option<int> s_classes = new("--classes") { Description = "How many classes.", HelpName = "N", DefaultValueFactory = _ => 5 };

    private static readonly Option<int> s_images = new("--images") { Description = "How many images of each class.", HelpName = "K", DefaultValueFactory = _ => 6 };

    private static readonly Option<int> s_queries = new("--queries")
    {
        Description = "How many further images of each class; with them the images go to support/ and these to query/.", HelpName = "Q",
    };

    private static readonly Option<ulong> s_seed = new("--seed") { Description = "Determines which classes and images are drawn.", DefaultValueFactory = _ => 1UL };

    private static readonly Option<string> s_output = new("--output", "-o") { Description = "A new or empty folder.", HelpName = "FOLDER", Required = true };

    internal static Command Create() => new Command("export", "Write a task of a data set as folders of PNG files, one folder a class.")
    {
        s_name, s_split, s_classes, s_images, s_queries, s_seed, s_output, SharedOptions.Data,
    }.Runs(Execute);

    /// <summary>Writes a task drawn from a pool.</summary>
    /// <param name="pool">The classes; items are images <c>[1 or 3, height, width]</c>.</param>
    /// <param name="classes">How many of them.</param>
    /// <param name="images">Images of each class.</param>
    /// <param name="queries">Further images of each class, for a query folder; 0 for none.</param>
    /// <param name="random">What classes and images are drawn with.</param>
    /// <param name="folder">A new or empty folder.</param>
    /// <returns>The names of the class folders.</returns>
    internal static IReadOnlyList<string> Write(IClassPool pool, int classes, int images, int queries, Generator random, string folder)
    {
        Check(pool, classes, images, queries, folder);
        var chosen = random.Choose(classes, pool.ClassCount).Order().ToArray();
        var lacking = Array.FindIndex(chosen, index => pool.ItemCount(index) < images + queries);
        if (lacking >= 0)
        {
            throw new ArgumentException(
                $"{images + queries} images were asked for but class '{pool.ClassName(chosen[lacking])}' of {pool.Name} has {pool.ItemCount(chosen[lacking])}.");
        }

        var names = new List<string>();
        foreach (var classIndex in chosen)
        {
            var name = pool.ClassName(classIndex).Replace('/', '-').Replace(' ', '_');
            var items = random.Choose(images + queries, pool.ItemCount(classIndex));
            WriteClass(pool, classIndex, items[..images], Path.Combine(folder, queries > 0 ? "support" : "", name));
            WriteClass(pool, classIndex, items[images..], Path.Combine(folder, "query", name));
            names.Add(name);
        }

        return names;
    }

    private static int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var pool = ClassData.Open(arguments.GetRequiredValue(s_name), arguments.GetValue(SharedOptions.Data))[arguments.GetValue(s_split)];
        var (images, queries, folder) = (arguments.GetValue(s_images), arguments.GetValue(s_queries), arguments.GetRequiredValue(s_output));
        using var random = Generator.Seed(arguments.GetValue(s_seed));
        var names = Write(pool, arguments.GetValue(s_classes), images, queries, random, folder);
        Console.WriteLine($"{folder}: {images + queries} images of each of {names.Count} classes of {pool.Name}: {string.Join(", ", names)}");
        return ExitCodes.Done;
    }

    private static void Check(IClassPool pool, int classes, int images, int queries, string folder)
    {
        if (pool.ItemShape is not [1 or 3, _, _])
        {
            throw new ArgumentException($"Only images can be exported as PNG, but the items of {pool.Name} have shape [{string.Join(", ", pool.ItemShape)}].");
        }

        if (classes < 1 || classes > pool.ClassCount)
        {
            throw new ArgumentException($"--classes must be between 1 and {pool.ClassCount}, the classes of {pool.Name}, but is {classes}.");
        }

        if (images < 1 || queries < 0)
        {
            throw new ArgumentException($"--images must be at least 1 and --queries at least 0, but they are {images} and {queries}.");
        }

        if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
        {
            throw new ArgumentException($"{folder} exists and is not an empty folder: nothing is written into it, choose another one.");
        }
    }

    private static void WriteClass(IClassPool pool, int classIndex, int[] items, string folder)
    {
        if (items.Length == 0)
        {
            return;
        }

        Directory.CreateDirectory(folder);
        foreach (var item in items)
        {
            var png = Picture(pool, classIndex, item).EncodePng();
            AtomicFile.Write(Path.Combine(folder, $"{item:D3}.png"), stream => stream.Write(png));
        }
    }

    // Items are [channels, height, width] in [0, 1]; images are interleaved bytes.
    private static Image Picture(IClassPool pool, int classIndex, int item)
    {
        var (channels, height, width) = ((int)pool.ItemShape[0], (int)pool.ItemShape[1], (int)pool.ItemShape[2]);
        var values = new float[channels * height * width];
        pool.Write(classIndex, item, values);
        var pixels = new byte[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var (channel, place) = (i / (height * width), i % (height * width));
            pixels[(place * channels) + channel] = (byte)Math.Clamp(MathF.Round(255 * values[i]), 0, 255);
        }

        return new Image(width, height, channels, pixels);
    }
}
