using System.Globalization;

namespace Deutero.Data;

/// <summary>A family of measured curves in three splits that share none.</summary>
/// <param name="Name">What it is called in reports, for example <c>weather</c>.</param>
/// <param name="Train">Meta-training curves.</param>
/// <param name="Validation">Meta-validation curves.</param>
/// <param name="Test">Meta-test curves.</param>
public sealed record CurveData(string Name, IReadOnlyList<Curve> Train, IReadOnlyList<Curve> Validation, IReadOnlyList<Curve> Test)
{
    private const string WeatherFile = "canadian_weather_daily.tsv.gz";
    private const string GrowthFile = "berkeley_growth.tsv";

    private static readonly string[] s_weatherColumns = ["station", "province", "region", "lat_n", "lon_w", "day_of_year", "temperature_c", "precipitation_mm"];
    private static readonly string[] s_growthColumns = ["child", "sex", "age_years", "height_cm"];

    /// <summary>The names that <see cref="Open"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = ["weather", "growth"];

    /// <summary>Opens a family of curves.</summary>
    /// <remarks>
    /// <c>weather</c>: the mean temperature of each day of the year at 35 Canadian stations, in units of 10 °C. <c>growth</c>: the heights of 93
    /// children at 31 ages between 1 and 18, in decimetres above 130 cm. Day and age are spread over [-5, 5]. In the order of the file, which goes by region and by
    /// sex, every third curve from the second on is for testing, every ninth from the first on for validation.
    /// </remarks>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="dataFolder">The folder with <c>few-shot-regression/</c>, or <see langword="null"/> to look in the usual places.</param>
    /// <exception cref="ArgumentException">The name is unknown; the message suggests the nearest.</exception>
    /// <exception cref="DataNotFoundException">The file is in none of the places.</exception>
    /// <exception cref="DataFormatException">The file is damaged.</exception>
    public static CurveData Open(string name, string? dataFolder = null)
    {
        var curves = name switch
        {
            "weather" => Read(dataFolder, WeatherFile, s_weatherColumns, (5, 1, 365), (6, 0, 10)),
            "growth" => Read(dataFolder, GrowthFile, s_growthColumns, (2, 1, 18), (3, 130, 10)),
            _ => throw new ArgumentException(NearestName.Unknown("family of curves", name, Names)),
        };
        IReadOnlyList<Curve> Where(Func<int, bool> holds) => [.. curves.Where((_, place) => holds(place))];
        return new(name, Where(place => place % 3 != 1 && place % 9 != 0), Where(place => place % 9 == 0), Where(place => place % 3 == 1));
    }

    private static Curve[] Read(string? dataFolder, string file, string[] columns, (int Column, double Least, double Greatest) input, (int Column, double Zero, double Unit) target)
    {
        var path = Path.Combine(DataLocation.Resolve(dataFolder).Find(DataSets.FewShotRegression, [file]), file);
        float Input(string[] row) => (float)((10 * (Number(row[input.Column], path) - input.Least) / (input.Greatest - input.Least)) - 5);
        float Target(string[] row) => (float)((Number(row[target.Column], path) - target.Zero) / target.Unit);
        return [.. TabbedFile.Read(path, columns).GroupBy(row => row[0]).Select(rows => new Curve(rows.Key, [.. rows.Select(Input)], [.. rows.Select(Target)]))];
    }

    private static double Number(string cell, string path) =>
        double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? value
            : throw new DataFormatException($"{path} has '{cell}' where a number is expected.");
}
