namespace Deutero.Data;

/// <summary>Reads tables in Weka's attribute-relation file format: declarations of columns, then comma-separated rows.</summary>
internal static class Arff
{
    internal static (IReadOnlyList<string> Header, List<TableRow> Rows) Read(TextReader reader, string name)
    {
        var (header, rows, inData) = (new List<string>(), new List<TableRow>(), false);
        for (var number = 1; reader.ReadLine() is { } line; number++)
        {
            line = line.Trim();
            if (line.Length == 0 || line[0] == '%')
            {
                continue;
            }

            if (inData)
            {
                var cells = Cells(line, $"{name}, line {number}");
                rows.Add(cells.Length == header.Count
                    ? new(number, Array.ConvertAll(cells, MixedTable.Cell))
                    : throw new DataFormatException($"{name}, line {number} has {cells.Length} cells where {header.Count} attributes are declared."));
            }
            else if (line.StartsWith("@attribute", StringComparison.OrdinalIgnoreCase))
            {
                header.Add(AttributeName(line["@attribute".Length..].Trim(), $"{name}, line {number}"));
            }
            else if (line.StartsWith("@data", StringComparison.OrdinalIgnoreCase))
            {
                inData = true;
            }
            else if (!line.StartsWith("@relation", StringComparison.OrdinalIgnoreCase))
            {
                throw new DataFormatException($"{name}, line {number} is '{(line.Length <= 40 ? line : line[..40] + "...")}' where @relation, @attribute or @data is expected.");
            }
        }

        return inData ? (header, rows) : throw new DataFormatException($"{name} has no @data line.");
    }

    private static string AttributeName(string declaration, string place)
    {
        var quoted = declaration.Length > 0 && declaration[0] is '\'' or '"';
        var end = quoted ? declaration.IndexOf(declaration[0], 1) : declaration.IndexOfAny([' ', '\t', '{']);
        return end > 0
            ? declaration[(quoted ? 1 : 0)..end]
            : throw new DataFormatException($"{place} declares an attribute without a name and a type.");
    }

    // Cells may be quoted by ' or ", with \ before a quotation mark inside. Sparse rows are refused.
    private static string[] Cells(string line, string place)
    {
        if (line[0] == '{')
        {
            throw new DataFormatException($"{place} is a sparse row: dense rows, with a cell for each attribute, are expected.");
        }

        var (cells, cell, quote) = (new List<string>(), new System.Text.StringBuilder(), '\0');
        for (var i = 0; i < line.Length; i++)
        {
            var character = line[i];
            if (character == '\\' && i + 1 < line.Length)
            {
                cell.Append(line[++i]);
            }
            else if (quote != '\0' ? character == quote : character is '\'' or '"')
            {
                quote = quote == '\0' ? character : '\0';
            }
            else if (character == ',' && quote == '\0')
            {
                cells.Add(cell.ToString());
                cell.Clear();
            }
            else
            {
                cell.Append(character);
            }
        }

        return quote == '\0' ? [.. cells, cell.ToString()] : throw new DataFormatException($"{place} has a quotation mark that is not closed.");
    }
}
