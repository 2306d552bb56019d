using System.Globalization;
using System.Text;
using ActorOrchestrator.Actors.Resources.Expressions.Values;

namespace ActorOrchestrator.Actors.Resources.Expressions.Syntax;

/// <summary>Text to tokens, by the CEL language definition's lexical grammar.</summary>
internal sealed class Lexer(string text)
{
    private static readonly string[] Symbols =
        ["==", "!=", "<=", ">=", "&&", "||", "<", ">", "(", ")", "[", "]", "{", "}", ".", ",", "?", ":", "+", "-", "*", "/", "%", "!", "="];

    private int _at;

    public Token Next()
    {
        SkipBlanks();
        if (_at >= text.Length)
        {
            return new Token(TokenKind.End, text.Length, "");
        }

        var c = text[_at];
        if (IsStringStart(out var prefix))
        {
            return ReadString(prefix);
        }

        if (char.IsAsciiLetter(c) || c == '_')
        {
            var start = _at;
            while (_at < text.Length && (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] == '_'))
            {
                _at++;
            }

            return new Token(TokenKind.Identifier, start, text[start.._at]);
        }

        if (char.IsAsciiDigit(c) || (c == '.' && _at + 1 < text.Length && char.IsAsciiDigit(text[_at + 1])))
        {
            return ReadNumber();
        }

        foreach (var symbol in Symbols)
        {
            if (string.CompareOrdinal(text, _at, symbol, 0, symbol.Length) == 0)
            {
                _at += symbol.Length;
                return new Token(TokenKind.Symbol, _at - symbol.Length, symbol);
            }
        }

        throw new SyntaxException(_at, $"Syntax error: token recognition error at: '{c}'");
    }

    private void SkipBlanks()
    {
        while (_at < text.Length)
        {
            if (text[_at] is ' ' or '\t' or '\n' or '\r' or '\f')
            {
                _at++;
            }
            else if (text[_at] == '/' && _at + 1 < text.Length && text[_at + 1] == '/')
            {
                while (_at < text.Length && text[_at] != '\n')
                {
                    _at++;
                }
            }
            else
            {
                return;
            }
        }
    }

    private Token ReadNumber()
    {
        var start = _at;
        if (text[_at] == '0' && _at + 1 < text.Length && text[_at + 1] is 'x' or 'X')
        {
            _at += 2;
            SkipWhile(char.IsAsciiHexDigit);
            var digits = text.AsSpan(start + 2, _at - start - 2);
            var known = ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hex);
            return Integer(start, known ? hex : null);
        }

        SkipWhile(char.IsAsciiDigit);
        var real = false;
        if (_at + 1 < text.Length && text[_at] == '.' && char.IsAsciiDigit(text[_at + 1]))
        {
            real = true;
            _at++;
            SkipWhile(char.IsAsciiDigit);
        }

        if (_at < text.Length && text[_at] is 'e' or 'E')
        {
            var exponent = _at + 1 < text.Length && text[_at + 1] is '+' or '-' ? _at + 2 : _at + 1;
            if (exponent < text.Length && char.IsAsciiDigit(text[exponent]))
            {
                real = true;
                _at = exponent;
                SkipWhile(char.IsAsciiDigit);
            }
        }

        if (!real)
        {
            var known = ulong.TryParse(text.AsSpan(start, _at - start), NumberStyles.None, CultureInfo.InvariantCulture, out var number);
            return Integer(start, known ? number : null);
        }

        var value = double.Parse(text.AsSpan(start, _at - start), NumberStyles.Float, CultureInfo.InvariantCulture);
        return double.IsInfinity(value)
            ? throw new SyntaxException(start, "invalid double literal")
            : new Token(TokenKind.Double, start, text[start.._at], value);
    }

    /// <summary>An int keeps its magnitude, so that the sign before it can make the smallest one.</summary>
    private Token Integer(int start, ulong? value)
    {
        if (_at < text.Length && text[_at] is 'u' or 'U')
        {
            _at++;
            return new Token(TokenKind.Uint, start, text[start.._at], value ?? throw new SyntaxException(start, "invalid uint literal"));
        }

        return value is > (ulong)long.MaxValue + 1 or null
            ? throw new SyntaxException(start, "invalid int literal")
            : new Token(TokenKind.Int, start, text[start.._at], value.Value);
    }

    private void SkipWhile(Func<char, bool> fits)
    {
        while (_at < text.Length && fits(text[_at]))
        {
            _at++;
        }
    }

    private bool IsStringStart(out int prefix)
    {
        prefix = 0;
        while (prefix < 2 && _at + prefix < text.Length && text[_at + prefix] is 'r' or 'R' or 'b' or 'B')
        {
            prefix++;
        }

        return _at + prefix < text.Length && text[_at + prefix] is '"' or '\'';
    }

    private Token ReadString(int prefix)
    {
        var start = _at;
        var marks = text.AsSpan(_at, prefix);
        var raw = marks.IndexOfAny('r', 'R') >= 0;
        var bytes = marks.IndexOfAny('b', 'B') >= 0;
        _at += prefix;
        var quote = text[_at];
        var triple = _at + 2 < text.Length && text[_at + 1] == quote && text[_at + 2] == quote;
        _at += triple ? 3 : 1;
        var content = new StringContent(bytes);
        while (true)
        {
            if (_at >= text.Length || (!triple && text[_at] is '\n' or '\r'))
            {
                throw new SyntaxException(start, $"Syntax error: token recognition error at: '{text[start.._at]}'");
            }

            if (text[_at] == quote && (!triple || (_at + 2 < text.Length && text[_at + 1] == quote && text[_at + 2] == quote)))
            {
                _at += triple ? 3 : 1;
                break;
            }

            if (text[_at] == '\\' && !raw)
            {
                ReadEscape(content, bytes);
            }
            else
            {
                content.Append(text[_at++]);
            }
        }

        return new Token(bytes ? TokenKind.Bytes : TokenKind.String, start, text[start.._at], bytes ? new ByteString(content.ToBytes()) : content.ToString());
    }

    private void ReadEscape(StringContent content, bool bytes)
    {
        var start = _at++;
        var c = _at < text.Length ? text[_at++] : throw Unknown(start);
        switch (c)
        {
            case 'a': content.Append('\a'); break;
            case 'b': content.Append('\b'); break;
            case 'f': content.Append('\f'); break;
            case 'n': content.Append('\n'); break;
            case 'r': content.Append('\r'); break;
            case 't': content.Append('\t'); break;
            case 'v': content.Append('\v'); break;
            case '\\' or '\'' or '"' or '`' or '?': content.Append(c); break;
            case 'x' or 'X': content.AppendCode(Code(start, 2, 16), bytes); break;
            case 'u' when !bytes: content.AppendCode(Code(start, 4, 16), false); break;
            case 'U' when !bytes: content.AppendCode(Code(start, 8, 16), false); break;
            case >= '0' and <= '3':
                _at--;
                content.AppendCode(Code(start, 3, 8), bytes);
                break;
            default: throw Unknown(start);
        }
    }

    private int Code(int start, int digits, int radix)
    {
        long code = 0;
        for (var i = 0; i < digits; i++, _at++)
        {
            var digit = _at < text.Length && char.IsAsciiHexDigit(text[_at]) ? Convert.ToInt32(text[_at].ToString(), 16) : radix;
            code = digit < radix ? (code * radix) + digit : throw Unknown(start);
        }

        return code <= 0x10FFFF && (digits <= 3 || Rune.IsValid((int)code)) ? (int)code : throw new SyntaxException(start, "invalid unicode code point");
    }

    private SyntaxException Unknown(int start) => new(start, $"Syntax error: token recognition error at: '{text[start..Math.Min(_at, text.Length)]}'");

    /// <summary>Characters of a string, or bytes of a byte string whose characters stand for their UTF-8.</summary>
    private sealed class StringContent(bool bytes)
    {
        private readonly StringBuilder _text = new();
        private readonly List<byte> _bytes = [];

        public void Append(char c) => _text.Append(c);

        public void AppendCode(int code, bool asByte)
        {
            if (!asByte)
            {
                _text.Append(new Rune(code).ToString());
                return;
            }

            Flush();
            _bytes.Add((byte)code);
        }

        public byte[] ToBytes()
        {
            Flush();
            return [.. _bytes];
        }

        public override string ToString() => _text.ToString();

        private void Flush()
        {
            if (bytes && _text.Length > 0)
            {
                _bytes.AddRange(Encoding.UTF8.GetBytes(_text.ToString()));
                _text.Clear();
            }
        }
    }
}
