using System.Text;
using System.Text.Json;
using Deutero.Client;
using Deutero.Service.Models;

namespace Deutero.Cli.Packages;

/// <summary>The card of a packaged model, for programs.</summary>
/// <param name="Learner">The meta-learning algorithm.</param>
/// <param name="Ways">The number of classes that it tells apart; 0 where it takes any number.</param>
/// <param name="BatchNorm">Where batch normalisation takes its statistics from.</param>
/// <param name="Input">What it takes.</param>
/// <param name="Card">What is known about it.</param>
public sealed record PackagedCard(string Learner, int Ways, string BatchNorm, InputState Input, ModelCard Card)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>The card of a model.</summary>
    /// <param name="model">The model.</param>
    public static PackagedCard Of(ServedModel model)
    {
        var state = model.State;
        return new(state.Learner, state.Ways, state.BatchNorm, state.Input, state.Card with { Text = Markdown(state) });
    }

    /// <summary>Reads a card.</summary>
    /// <param name="json">What <see cref="ToJson"/> wrote.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="InvalidDataException">It is no card.</exception>
    public static PackagedCard Parse(ReadOnlySpan<byte> json, string name)
    {
        try
        {
            return JsonSerializer.Deserialize<PackagedCard>(json, s_json) is { Card: not null } card ? card : throw new InvalidDataException($"{name} is not a model card.");
        }
        catch (JsonException mistake)
        {
            throw new InvalidDataException($"{name} is not a model card: {mistake.Message}", mistake);
        }
    }

    /// <summary>The card as JSON.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, s_json);

    /// <summary>The input contract as JSON.</summary>
    public byte[] ContractJson() => JsonSerializer.SerializeToUtf8Bytes(Input, s_json);

    private static string Markdown(ModelState model)
    {
        var card = model.Card;
        var text = new StringBuilder($"# {model.Learner} on {card.Data}\n\n");
        void Line(string key, string value) => text.Append($"- {key}: {value}\n");
        Line("data", card.Data);
        Line("licence of the data", card.Licence.Length > 0 ? card.Licence : "not known");
        var (scale, unit) = card.Metric == "accuracy" ? (100, " %") : (1, "");
        Line("metric", card.Metric.Length == 0 ? "not evaluated"
            : $"{card.Metric} {scale * card.Mean:F2} ± {scale * card.HalfWidth95:F2}{unit} (95% interval, {card.Episodes} held-out tasks of {card.Source})");
        Line("learner", model.Learner);
        Line("ways", model.Ways == 0 ? "any number of classes" : $"{model.Ways} classes");
        Line("BatchNorm", model.BatchNorm);
        Line("input", Takes(model.Input));
        if (card.Calibration is { } calibration)
        {
            Line("temperature", $"{calibration.Temperature:G4}: expected calibration error {100 * calibration.EceBefore:F1} % before, {100 * calibration.EceAfter:F1} % after");
            Line("none of these", $"below a {calibration.Score} of {calibration.Threshold:G4}: {100 * calibration.KnownAbstained:F1} % of queries of known classes "
                + $"({100 * calibration.Rate:F0} % aimed at) and {100 * calibration.ForeignCaught:F1} % of queries of other classes, on {calibration.MeasuredOn}");
        }
        else
        {
            Line("calibration", "none");
        }

        return text.Append("\nFigures hold for tasks like those that they were measured on; they say nothing about data of another kind.\n").ToString();
    }

    private static string Takes(InputState input)
    {
        var numbers = $"{string.Join(" x ", input.Shape)} numbers";
        return input switch
        {
            { Images: true } => $"{string.Join(" x ", input.Shape)}, images (PNG, JPEG){(input.InkIsBright ? ", bright ink on a dark ground" : "")}",
            { Kind: "texts" } => $"texts, which become {numbers}",
            { Columns: { } columns } => $"rows of a table, which become {numbers}: "
                + string.Join(", ", columns.Select(column => $"{column.Name} ({(column.Categories is { } categories ? string.Join(" | ", categories) : "number")})")),
            _ => numbers,
        };
    }
}
