using System.CommandLine;
using Deutero.Cli.Inputs;
using Deutero.Cli.Runs;
using Deutero.Edge;
using Deutero.Edge.Onnx;

namespace Deutero.Cli.Commands;

/// <summary><c>deutero export</c>: a model, or what it learned from a support set, as an ONNX file.</summary>
internal static class ExportCommand
{
    private static readonly Argument<string> s_model = new("model") { Description = "A run folder written by 'deutero train', or a package." };

    private static readonly Option<string> s_output = new("--output", "-o") { Description = "The ONNX file.", HelpName = "FILE.onnx", Required = true };

    private static readonly Option<string?> s_support = new("--support", "-s")
    {
        Description = "Adapt to these examples first, and export the classifier: a folder as for 'deutero adapt', or a file of texts or rows with their classes.", HelpName = "PATH",
    };

    private static readonly Option<bool> s_head = new("--head") { Description = "Of the classifier, export only what follows the encoder." };

    private static readonly Option<InkPolarity> s_invert = new("--invert")
    {
        Description = "Turn dark ink on bright paper into bright ink on dark; auto looks at each image's border.", HelpName = "auto|yes|no",
    };

    internal static Command Create() => new Command("export", "Write a model's encoder, or an adapted classifier, as an ONNX file.")
    {
        s_model, s_output, s_support, s_head, s_invert,
    }.Explained("""
        Without --support, the encoder: items [N, channels, height, width], pixels from 0 to 1, to features [N, D]. With it, items to logits and probabilities
        [N, classes]; the names of the classes are in the file's metadata. With --head, features to logits and probabilities: one encoder and many heads of a few
        kilobytes. The model is a Conv4 with model.batchNorm=running or an MLP; the learner a prototypical network, one with a linear head, or one that
        adapts parameters, which have no --head if the encoder's are among them. Of a model of texts or rows, items are the numbers [N, width] that these become:
        turning them into numbers is no part of the file.

        Examples:
          deutero export runs/first -o encoder.onnx
          deutero export runs/first --support letters -o letters.onnx
          deutero export runs/first --support letters --head -o head.onnx
        """).Runs(Execute);

    private static int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        var (output, support, head) = (arguments.GetValue(s_output)!, arguments.GetValue(s_support), arguments.GetValue(s_head));
        if (head && support is null)
        {
            throw new ArgumentException("--head needs a support set to fit the head to: give it with --support.");
        }

        using var trained = TrainedModel.Open(arguments.GetValue(s_model)!);
        byte[] file;
        if (support is null)
        {
            file = OnnxExport.Encoder(trained.Model);
        }
        else
        {
            var (examples, _) = LabelledItem.Examples(support, trained.Model.Input, trained.Configuration.Data.Name, arguments.GetValue(s_invert), cancellation);
            SupportClass[] classes = [.. examples.GroupBy(item => item.Class!, item => item.Values).Select(one => new SupportClass(one.Key, [.. one]))];
            file = head ? OnnxExport.Head(trained.Model, classes) : OnnxExport.Classifier(trained.Model, classes);
        }

        File.WriteAllBytes(output, file);
        Console.WriteLine($"{output}: {(support is null ? "encoder" : head ? "head" : "classifier")}, {file.Length} bytes");
        return ExitCodes.Done;
    }
}
