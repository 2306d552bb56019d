using System.Collections.Immutable;

namespace ActorOrchestrator.Contracts.Resources;

/// <summary>
/// The grammar of a label selector's text: terms <c>k</c>, <c>!k</c>, <c>k=v</c>, <c>k==v</c>, <c>k!=v</c>, <c>k in (a,b)</c>,
/// <c>k notin (a,b)</c>, <c>k&gt;n</c>, <c>k&lt;n</c>, joined by commas.
/// </summary>
internal ref struct LabelSelectorParser
{
    private readonly ReadOnlySpan<char> _text;
    private int _at;
    private string _error;

    private LabelSelectorParser(ReadOnlySpan<char> text)
    {
        _text = text;
        _at = 0;
        _error = "";
    }

    public static ImmutableArray<LabelRequirement>? Parse(string text, out string error)
    {
        var parser = new LabelSelectorParser(text);
        var requirements = ImmutableArray.CreateBuilder<LabelRequirement>();
        do
        {
            if (parser.Term() is not { } requirement)
            {
                error = $"unable to parse requirement: {parser._error}";
                return null;
            }

            requirements.Add(requirement);
        }
        while (parser.Take(","));

        parser.SkipBlanks();
        error = parser._at == parser._text.Length ? "" : $"unable to parse requirement: found '{parser.Next()}', expected: ',' or 'end of string'";
        return error.Length == 0 ? requirements.ToImmutable() : null;
    }

    private LabelRequirement? Term()
    {
        if (Take("!"))
        {
            return Key() is { } absent ? new LabelRequirement(absent, LabelOperator.DoesNotExist, []) : null;
        }

        if (Key() is not { } key)
        {
            return null;
        }

        if (Take("!="))
        {
            return One(key, LabelOperator.NotIn);
        }

        if (Take("==") || Take("="))
        {
            return One(key, LabelOperator.In);
        }

        if (Take(">"))
        {
            return Number(key, LabelOperator.GreaterThan);
        }

        if (Take("<"))
        {
            return Number(key, LabelOperator.LessThan);
        }

        SkipBlanks();
        if (_at == _text.Length || _text[_at] == ',')
        {
            return new LabelRequirement(key, LabelOperator.Exists, []);
        }

        return Word() switch
        {
            "in" => Set(key, LabelOperator.In),
            "notin" => Set(key, LabelOperator.NotIn),
            var other => Fail($"found '{(other.Length == 0 ? Next() : other)}', expected: in, notin, =, ==, !=, gt, lt"),
        };
    }

    private string? Key()
    {
        var key = Word();
        if (key.Length == 0)
        {
            Fail($"found '{Next()}', expected: !, identifier, or 'end of string'");
            return null;
        }

        if (Validation.Names.QualifiedName(key) is [var problem, ..])
        {
            Fail($"key: Invalid value: \"{key}\": {problem}");
            return null;
        }

        return key;
    }

    private LabelRequirement? One(string key, LabelOperator @operator)
    {
        var value = Word();
        return IsLabelValue(key, value) ? new LabelRequirement(key, @operator, [value]) : null;
    }

    private LabelRequirement? Number(string key, LabelOperator @operator)
    {
        var value = Word();
        return long.TryParse(value, out _)
            ? new LabelRequirement(key, @operator, [value])
            : Fail($"values[0][{key}]: Invalid value: \"{value}\": for 'Gt', 'Lt' operators, the value must be an integer");
    }

    private LabelRequirement? Set(string key, LabelOperator @operator)
    {
        if (!Take("("))
        {
            return Fail($"found '{Next()}' expected: '('");
        }

        var values = ImmutableArray.CreateBuilder<string>();
        do
        {
            var value = Word();
            if (!IsLabelValue(key, value))
            {
                return null;
            }

            if (!values.Contains(value))
            {
                values.Add(value);
            }
        }
        while (Take(","));

        return Take(")") ? new LabelRequirement(key, @operator, values.ToImmutable()) : Fail($"found '{Next()}', expected: ',' or ')'");
    }

    private bool IsLabelValue(string key, string value)
    {
        if (Validation.Names.LabelValue(value) is [var problem, ..])
        {
            Fail($"values[0][{key}]: Invalid value: \"{value}\": {problem}");
            return false;
        }

        return true;
    }

    private string Word()
    {
        SkipBlanks();
        var start = _at;
        while (_at < _text.Length && !char.IsWhiteSpace(_text[_at]) && _text[_at] is not ('=' or '!' or '(' or ')' or ',' or '>' or '<'))
        {
            _at++;
        }

        return _text[start.._at].ToString();
    }

    private bool Take(string token)
    {
        SkipBlanks();
        if (!_text[_at..].StartsWith(token))
        {
            return false;
        }

        _at += token.Length;
        return true;
    }

    private void SkipBlanks()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
        {
            _at++;
        }
    }

    private readonly string Next() => _at < _text.Length ? _text[_at].ToString() : "";

    private LabelRequirement? Fail(string error)
    {
        _error = error;
        return null;
    }
}
