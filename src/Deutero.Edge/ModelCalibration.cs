using System.Text.Json;
using System.Text.Json.Serialization;

namespace Deutero.Edge;

/// <summary>What held-out tasks tell of a model's answers: how sure they really are, and when an item is none of the classes.</summary>
public sealed record ModelCalibration
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Strict)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true, Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>The SHA-256 of the model's file, in lower-case hexadecimal; empty where the model is in no file.</summary>
    public string Model { get; init; } = "";

    /// <summary>What logits are divided by before they become probabilities, positive.</summary>
    public required double Temperature { get; init; }

    /// <summary>What is compared with the threshold.</summary>
    public required AbstentionScore Score { get; init; }

    /// <summary>The score below which an item is none of the classes.</summary>
    public required double Threshold { get; init; }

    /// <summary>What items looked like in meta-training.</summary>
    public required ItemStatistics Seen { get; init; }

    /// <summary>
    /// How much farther an example may be from the mean of its class's others than from another class's mean, as a ratio of squared distances in the
    /// embedding; null where the model has none or no held-out task had two shots.
    /// </summary>
    public double? Disagreement { get; init; }

    /// <summary>How good this is.</summary>
    public required CalibrationFigures Figures { get; init; }

    /// <summary>Reads a calibration.</summary>
    /// <param name="json">What <see cref="ToJson"/> wrote.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="InvalidDataException">It is no calibration.</exception>
    public static ModelCalibration Parse(ReadOnlySpan<byte> json, string name)
    {
        try
        {
            if (JsonSerializer.Deserialize<ModelCalibration>(json, s_json) is { Temperature: > 0 } calibration && double.IsFinite(calibration.Temperature))
            {
                return calibration;
            }
        }
        catch (JsonException mistake)
        {
            throw new InvalidDataException($"{name} is not a calibration: {mistake.Message}", mistake);
        }

        throw new InvalidDataException($"{name} is not a calibration: its temperature must be a positive number.");
    }

    /// <summary>The calibration as JSON; reading it back gives the same bits.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, s_json);
}
