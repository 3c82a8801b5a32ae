namespace Deutero.Data;

/// <summary>Reads one molecule from SMILES (Weininger, Journal of Chemical Information and Computer Sciences 28, 1988; OpenSMILES).</summary>
internal sealed class SmilesReader(string smiles)
{
    private const double Aromatic = 1.5;

    private static readonly Dictionary<string, int[]> s_valences = new()
    {
        ["B"] = [3], ["C"] = [4], ["N"] = [3, 5], ["O"] = [2], ["P"] = [3, 5], ["S"] = [2, 4, 6], ["F"] = [1], ["Cl"] = [1], ["Br"] = [1], ["I"] = [1], ["*"] = [0],
    };

    private readonly List<(Atom Atom, bool HasImplicitHydrogens)> _atoms = [];
    private readonly List<Bond> _bonds = [];
    private readonly Stack<int> _branches = new();
    private readonly Dictionary<int, (int Atom, double? Order)> _rings = [];
    private int _place;
    private int _previous = -1;
    private double? _order;

    internal Molecule Read()
    {
        while (_place < smiles.Length)
        {
            ReadOne(smiles[_place]);
        }

        if (_atoms.Count == 0 || _rings.Count > 0 || _branches.Count > 0 || _order is not null)
        {
            throw Fault(_atoms.Count == 0 ? "has no atoms"
                : _rings.Count > 0 ? $"does not close ring {_rings.Keys.First()}"
                : _branches.Count > 0 ? "does not close a branch" : "ends in a bond");
        }

        return new([.. _atoms.Select((_, place) => WithHydrogens(place))], _bonds);
    }

    private void ReadOne(char character)
    {
        switch (character)
        {
            case '(':
                _branches.Push(_previous >= 0 ? _previous : throw Fault("begins with a branch"));
                _place++;
                break;
            case ')':
                _previous = _branches.Count > 0 ? _branches.Pop() : throw Fault("closes a branch that is not open");
                _place++;
                break;
            case '.':
                (_previous, _order) = (-1, null);
                _place++;
                break;
            case '[':
                ReadBracket();
                break;
            case '%' or (>= '0' and <= '9'):
                ReadRing();
                break;
            case '-' or '/' or '\\' or '=' or '#' or '$' or ':':
                _order = character switch { '=' => 2, '#' => 3, '$' => 4, ':' => Aromatic, _ => 1 };
                _place++;
                break;
            default:
                ReadOrganic();
                break;
        }
    }

    // B, C, N, O, P, S, F, Cl, Br, I, and b, c, n, o, p, s, whose hydrogens follow from their valence.
    private void ReadOrganic()
    {
        var two = _place + 1 < smiles.Length ? smiles.Substring(_place, 2) : "";
        var symbol = two is "Cl" or "Br" ? two : smiles[_place].ToString();
        var isAromatic = symbol is "b" or "c" or "n" or "o" or "p" or "s";
        var element = isAromatic ? symbol.ToUpperInvariant() : symbol;
        if (!s_valences.ContainsKey(element))
        {
            throw Fault($"has '{symbol}' where an atom, a bond, a branch or a ring is expected");
        }

        _place += symbol.Length;
        Add(new(element, isAromatic, 0, 0), hasImplicitHydrogens: true);
    }

    // [isotope symbol chirality hydrogens charge :class]
    private void ReadBracket()
    {
        var end = smiles.IndexOf(']', _place);
        var text = end > 0 ? smiles.AsSpan(_place + 1, end - _place - 1) : throw Fault("does not close a bracket");
        text = text.TrimStart("0123456789");
        var isAromatic = text.Length > 0 && char.IsAsciiLetterLower(text[0]);
        var length = isAromatic ? text.StartsWith("se") || text.StartsWith("as") || text.StartsWith("te") ? 2 : 1
            : text.Length > 1 && char.IsAsciiLetterLower(text[1]) ? 2 : 1;
        if (text.Length < length || !(char.IsAsciiLetter(text[0]) || text[0] == '*'))
        {
            throw Fault("has a bracket without an element");
        }

        var symbol = char.ToUpperInvariant(text[0]) + text[1..length].ToString();
        text = text[length..].TrimStart('@');
        text = SkipChirality(text);
        var hydrogens = TakeCount(ref text, 'H');
        var charge = TakeCharge(ref text);
        if (text.Length > 0 && text[0] != ':')
        {
            throw Fault($"has '{text}' in a bracket");
        }

        _place = end + 1;
        Add(new(symbol, isAromatic, charge, hydrogens), hasImplicitHydrogens: false);
    }

    // @TH1, @SP2 and the like, whose @ was taken.
    private static ReadOnlySpan<char> SkipChirality(ReadOnlySpan<char> text) =>
        text.Length > 2 && text[..2] is "TH" or "AL" or "SP" or "TB" or "OH" ? text[2..].TrimStart("0123456789") : text;

    private static int TakeCount(ref ReadOnlySpan<char> text, char letter)
    {
        if (text.Length == 0 || text[0] != letter)
        {
            return 0;
        }

        text = text[1..];
        return TakeNumber(ref text) ?? 1;
    }

    // +, -, ++, +2
    private static int TakeCharge(ref ReadOnlySpan<char> text)
    {
        var charge = 0;
        while (text.Length > 0 && text[0] is '+' or '-')
        {
            var sign = text[0] == '+' ? 1 : -1;
            text = text[1..];
            charge += sign * (TakeNumber(ref text) ?? 1);
        }

        return charge;
    }

    private static int? TakeNumber(ref ReadOnlySpan<char> text)
    {
        var length = 0;
        while (length < Math.Min(4, text.Length) && char.IsAsciiDigit(text[length]))
        {
            length++;
        }

        int? number = length > 0 ? int.Parse(text[..length], System.Globalization.CultureInfo.InvariantCulture) : null;
        text = text[length..];
        return number;
    }

    private void ReadRing()
    {
        var isLong = smiles[_place] == '%';
        var digits = isLong ? smiles.AsSpan(Math.Min(_place + 1, smiles.Length), Math.Min(2, smiles.Length - _place - 1)) : smiles.AsSpan(_place, 1);
        if (_previous < 0 || !int.TryParse(digits, out var ring) || digits.Length != (isLong ? 2 : 1))
        {
            throw Fault("has a ring number that belongs to no atom");
        }

        _place += isLong ? 3 : 1;
        if (_rings.Remove(ring, out var opening))
        {
            if (opening.Atom == _previous)
            {
                throw Fault("bonds an atom to itself");
            }

            Connect(opening.Atom, _previous, _order ?? opening.Order);
        }
        else
        {
            _rings.Add(ring, (_previous, _order));
        }

        _order = null;
    }

    private void Add(Atom atom, bool hasImplicitHydrogens)
    {
        _atoms.Add((atom, hasImplicitHydrogens));
        if (_previous >= 0)
        {
            Connect(_previous, _atoms.Count - 1, _order);
        }

        (_previous, _order) = (_atoms.Count - 1, null);
    }

    private void Connect(int from, int to, double? order) =>
        _bonds.Add(new(from, to, order ?? (_atoms[from].Atom.IsAromatic && _atoms[to].Atom.IsAromatic ? Aromatic : 1)));

    // As many hydrogens as lead to the next normal valence. An aromatic atom uses one more valence than its bonds do, for the ring's electrons.
    private Atom WithHydrogens(int place)
    {
        var (atom, isImplicit) = _atoms[place];
        if (!isImplicit)
        {
            return atom;
        }

        var used = _bonds.Where(bond => bond.From == place || bond.To == place).Sum(bond => bond.Order == Aromatic ? 1 : (int)bond.Order);
        var valences = s_valences[atom.Symbol];
        if (atom.IsAromatic)
        {
            return atom with { Hydrogens = Math.Max(0, valences[0] - used - 1) };
        }

        var valence = valences.FirstOrDefault(value => value >= used, used);
        return atom with { Hydrogens = valence - used };
    }

    private DataFormatException Fault(string what) => new($"The SMILES '{(smiles.Length <= 80 ? smiles : smiles[..80] + "...")}' {what} at character {_place + 1}.");
}
