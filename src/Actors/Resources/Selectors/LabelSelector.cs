using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace ActorOrchestrator.Actors.Resources.Selectors;

/// <summary>How a label is compared.</summary>
public enum LabelOperator
{
    Equals,
    NotEquals,
    In,
    NotIn,
    Exists,
    DoesNotExist,
    GreaterThan,
    LessThan,
}

/// <summary>One requirement of a selector.</summary>
public sealed record LabelRequirement(string Key, LabelOperator Operator, ImmutableArray<string> Values)
{
    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        var has = labels.TryGetValue(Key, out var value);
        return Operator switch
        {
            LabelOperator.Exists => has,
            LabelOperator.DoesNotExist => !has,
            LabelOperator.Equals or LabelOperator.In => has && Values.Contains(value!),
            LabelOperator.NotEquals or LabelOperator.NotIn => !has || !Values.Contains(value!),
            LabelOperator.GreaterThan => has && long.TryParse(value, out var more) && more > long.Parse(Values[0]),
            _ => has && long.TryParse(value, out var less) && less < long.Parse(Values[0]),
        };
    }
}

/// <summary>A label selector as it is written in a query: <c>app=web,tier in (a,b),!canary</c>. All requirements must hold.</summary>
public sealed record LabelSelector(ImmutableArray<LabelRequirement> Requirements)
{
    public static readonly LabelSelector Everything = new(ImmutableArray<LabelRequirement>.Empty);

    public bool IsEverything => Requirements.IsEmpty;

    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        foreach (var requirement in Requirements)
        {
            if (!requirement.Matches(labels))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Reads a selector; false with what is wrong and where when it is malformed.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out LabelSelector? selector, [NotNullWhen(false)] out string? error)
    {
        selector = Everything;
        error = null;
        if (string.IsNullOrWhiteSpace(text))
        {
            return true;
        }

        var reader = new SelectorReader(text);
        var requirements = ImmutableArray.CreateBuilder<LabelRequirement>();
        do
        {
            if (!TryReadRequirement(ref reader, out var requirement, out error))
            {
                selector = null;
                return false;
            }

            requirements.Add(requirement);
        }
        while (reader.TryTake(','));

        if (!reader.AtEnd)
        {
            error = $"unable to parse requirement: found '{reader.Rest}', expected: ',' or 'end of string'";
            selector = null;
            return false;
        }

        selector = new LabelSelector(requirements.ToImmutable());
        return true;
    }

    private static bool TryReadRequirement(ref SelectorReader reader, [NotNullWhen(true)] out LabelRequirement? requirement, [NotNullWhen(false)] out string? error)
    {
        requirement = null;
        var negated = reader.TryTake('!');
        var key = reader.Word();
        if (key.Length == 0)
        {
            error = $"unable to parse requirement: found '{reader.Rest}', expected: !, identifier, or ','";
            return false;
        }

        if (ObjectNames.QualifiedNameError(key) is { } wrongKey)
        {
            error = $"unable to parse requirement: key: Invalid value: \"{key}\": {wrongKey}";
            return false;
        }

        if (negated || reader.AtEnd || reader.Peek(','))
        {
            requirement = new LabelRequirement(key, negated ? LabelOperator.DoesNotExist : LabelOperator.Exists, []);
            error = null;
            return true;
        }

        if (!reader.TryOperator(out var op))
        {
            error = $"unable to parse requirement: found '{reader.Rest}', expected: in, notin, =, ==, !=, gt, lt";
            return false;
        }

        ImmutableArray<string> values;
        if (op is LabelOperator.In or LabelOperator.NotIn)
        {
            if (!reader.TryValueSet(out values, out error))
            {
                return false;
            }
        }
        else
        {
            values = [reader.Word()];
        }

        error = ValuesError(op, values);
        requirement = error is null ? new LabelRequirement(key, op, values) : null;
        return error is null;
    }

    private static string? ValuesError(LabelOperator op, ImmutableArray<string> values)
    {
        if (op is LabelOperator.GreaterThan or LabelOperator.LessThan)
        {
            return long.TryParse(values[0], out _)
                ? null
                : $"unable to parse requirement: values[0]: Invalid value: \"{values[0]}\": for 'Gt', 'Lt' operators, the value must be an integer";
        }

        for (var i = 0; i < values.Length; i++)
        {
            if (ObjectNames.LabelValueError(values[i]) is { } wrong)
            {
                return $"unable to parse requirement: values[{i}]: Invalid value: \"{values[i]}\": {wrong}";
            }
        }

        return null;
    }
}

/// <summary>The tokens of a label selector.</summary>
internal ref struct SelectorReader(string text)
{
    private int _at;

    public bool AtEnd
    {
        get
        {
            SkipSpace();
            return _at >= text.Length;
        }
    }

    public readonly string Rest => text[Math.Min(_at, text.Length)..];

    public bool Peek(char symbol) => !AtEnd && text[_at] == symbol;

    public bool TryTake(char symbol)
    {
        if (!Peek(symbol))
        {
            return false;
        }

        _at++;
        return true;
    }

    /// <summary>Everything up to the next symbol or space; empty when a symbol comes first.</summary>
    public string Word()
    {
        SkipSpace();
        var start = _at;
        while (_at < text.Length && !char.IsWhiteSpace(text[_at]) && "=!(),<>".IndexOf(text[_at]) < 0)
        {
            _at++;
        }

        return text[start.._at];
    }

    public bool TryOperator(out LabelOperator op)
    {
        SkipSpace();
        (op, var length) = text.AsSpan(_at) switch
        {
            ['=', '=', ..] => (LabelOperator.Equals, 2),
            ['=', ..] => (LabelOperator.Equals, 1),
            ['!', '=', ..] => (LabelOperator.NotEquals, 2),
            ['>', ..] => (LabelOperator.GreaterThan, 1),
            ['<', ..] => (LabelOperator.LessThan, 1),
            _ => (LabelOperator.Exists, 0),
        };
        if (length > 0)
        {
            _at += length;
            return true;
        }

        var before = _at;
        switch (Word())
        {
            case "in": op = LabelOperator.In; return true;
            case "notin": op = LabelOperator.NotIn; return true;
            case "gt": op = LabelOperator.GreaterThan; return true;
            case "lt": op = LabelOperator.LessThan; return true;
            default: _at = before; return false;
        }
    }

    public bool TryValueSet(out ImmutableArray<string> values, [NotNullWhen(false)] out string? error)
    {
        values = [];
        if (!TryTake('('))
        {
            error = $"unable to parse requirement: found '{Rest}', expected: '('";
            return false;
        }

        var found = ImmutableArray.CreateBuilder<string>();
        do
        {
            found.Add(Word());
        }
        while (TryTake(','));

        if (!TryTake(')'))
        {
            error = $"unable to parse requirement: found '{Rest}', expected: ',', or ')'";
            return false;
        }

        values = found.ToImmutable();
        error = null;
        return true;
    }

    private void SkipSpace()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at]))
        {
            _at++;
        }
    }
}
