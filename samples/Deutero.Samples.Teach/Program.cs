// Teaches an adaptation service two classes from two folders of images, and asks it what another image is.
// dotnet run --project samples/Deutero.Samples.Teach -- http://localhost:5080 letters task/support/class1 task/support/class2 task/query/class1/1.png
using Deutero.Client;

if (args is not [var address, var model, var first, var second, var image])
{
    Console.Error.WriteLine("Five arguments were expected: ADDRESS MODEL FOLDER1 FOLDER2 IMAGE.");
    return 2;
}

using var client = new DeuteroClient(new Uri(address), Environment.GetEnvironmentVariable("DEUTERO_KEY"));
try
{
    var request = new NewAdaptation(model, [Class(first), Class(second)]);
    AdaptationState? taught = null;
    await foreach (var step in client.WatchCreate(request))
    {
        if (step.Progress is { } progress)
        {
            Console.WriteLine($"{progress.Stage} {progress.Done} of {progress.Of}");
        }

        taught = step.Result;
    }

    var answers = await client.Predict(taught!.Id, new([Picture(image)]));
    foreach (var (name, probability) in answers.Results[0].Probabilities)
    {
        Console.WriteLine($"{100 * probability,5:F1} % {name}");
    }

    Console.WriteLine(answers.Results[0].Class is { } known ? $"It is {known}." : "It is none of these.");
    await client.Delete(taught.Id);
    return 0;
}
catch (Exception failure) when (failure is DeuteroException or HttpRequestException or IOException)
{
    Console.Error.WriteLine(failure.Message);
    return 1;
}

static ClassExamples Class(string folder) =>
    new(Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)), [.. Directory.GetFiles(folder).Order(StringComparer.Ordinal).Select(Picture)]);

static Item Picture(string file) => Item.Of(File.ReadAllBytes(file));
