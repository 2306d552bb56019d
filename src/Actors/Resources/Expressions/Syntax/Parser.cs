using System.Collections.Immutable;

namespace ActorOrchestrator.Actors.Resources.Expressions.Syntax;

/// <summary>
/// Tokens to a tree, by precedence: <c>?:</c>, <c>||</c>, <c>&amp;&amp;</c>, relations, sums, products, prefixes, members. Bounded in length and depth, because
/// what it makes is walked recursively.
/// </summary>
internal sealed class Parser
{
    private const int MaxLength = 100_000;
    private const int MaxDepth = 250;

    /// <summary>Levels of the tree; a chain of operators or members makes one each.</summary>
    private const int MaxLevels = 500;

    private static readonly Dictionary<string, int> Precedence = new(StringComparer.Ordinal)
    {
        ["=="] = 1, ["!="] = 1, ["<"] = 1, ["<="] = 1, [">"] = 1, [">="] = 1, ["in"] = 1, ["+"] = 2, ["-"] = 2, ["*"] = 3, ["/"] = 3, ["%"] = 3,
    };

    private readonly Lexer _lexer;
    private Token _token;
    private int _depth;

    private Parser(string text)
    {
        _lexer = new Lexer(text);
        _token = _lexer.Next();
    }

    /// <exception cref="SyntaxException">The text is no expression.</exception>
    public static Node Parse(string text)
    {
        if (text.Length > MaxLength)
        {
            throw new SyntaxException(0, $"expression code point size exceeds limit: size: {text.Length}, limit {MaxLength}");
        }

        var parser = new Parser(text);
        var node = parser.Expression();
        return parser._token.Kind == TokenKind.End
            ? node
            : throw new SyntaxException(parser._token.Position, $"Syntax error: extraneous input '{parser._token}' expecting <EOF>");
    }

    private Node Expression()
    {
        if (++_depth > MaxDepth)
        {
            throw new SyntaxException(_token.Position, $"expression recursion limit exceeded: {MaxDepth}");
        }

        var condition = Logic(isAnd: false);
        if (_token.Is("?"))
        {
            var at = Take().Position;
            var whenTrue = Logic(isAnd: false);
            Expect(":");
            condition = new ConditionalNode(at, condition, whenTrue, Expression());
        }

        _depth--;
        Bound(condition);
        return condition;
    }

    private Node Logic(bool isAnd)
    {
        var symbol = isAnd ? "&&" : "||";
        var first = isAnd ? Binary(1) : Logic(isAnd: true);
        if (!_token.Is(symbol))
        {
            return first;
        }

        var at = _token.Position;
        var terms = ImmutableArray.CreateBuilder<Node>();
        terms.Add(first);
        while (_token.Is(symbol))
        {
            Take();
            terms.Add(isAnd ? Binary(1) : Logic(isAnd: true));
        }

        return new LogicNode(at, isAnd, terms.ToImmutable());
    }

    private Node Binary(int level)
    {
        if (level > 3)
        {
            return Prefix();
        }

        var left = Binary(level + 1);
        while (_token.Kind is TokenKind.Symbol or TokenKind.Identifier && Precedence.GetValueOrDefault(_token.Text) == level)
        {
            var symbol = Take();
            Bound(left);
            var right = Binary(level + 1);
            left = new CallNode(symbol.Position, symbol.Text == "in" ? "@in" : $"_{symbol.Text}_", [left, right], member: false);
        }

        return left;
    }

    private Node Prefix()
    {
        if (_token.Is("!") || _token.Is("-"))
        {
            var symbol = Take();
            var count = 1;
            while (_token.Is(symbol.Text))
            {
                Take();
                count++;
            }

            if (symbol.Text == "-" && _token is { Kind: TokenKind.Int or TokenKind.Double } && count % 2 == 1)
            {
                return Members(Number(Take(), negative: true));
            }

            var operand = Members(Primary());
            return count % 2 == 0 ? operand : new CallNode(symbol.Position, symbol.Text == "!" ? "!_" : "-_", [operand], member: false);
        }

        return Members(Primary());
    }

    private Node Members(Node node)
    {
        while (true)
        {
            Bound(node);
            if (_token.Is("."))
            {
                var dot = Take();
                var optional = TakeIf("?");
                var name = Name();
                if (_token.Is("(") && !optional)
                {
                    var open = Take();
                    var arguments = Arguments(")");
                    node = Macros.ExpandMember(name, node, open.Position, arguments)
                        ?? new CallNode(open.Position, name.Text, [node, .. arguments], member: true);
                }
                else
                {
                    node = new SelectNode(dot.Position, node, name.Text, optional);
                }
            }
            else if (_token.Is("["))
            {
                var open = Take();
                var optional = TakeIf("?");
                var index = Expression();
                Expect("]");
                node = new CallNode(open.Position, optional ? "_[?_]" : "_[_]", [node, index], member: false);
            }
            else if (_token.Is("{") && MessageName(node) is { } name)
            {
                node = Message(Take().Position, name);
            }
            else
            {
                return node;
            }
        }
    }

    private Node Primary()
    {
        var token = _token;
        switch (token.Kind)
        {
            case TokenKind.Identifier:
                return IdentifierOrCall();
            case TokenKind.Int or TokenKind.Uint or TokenKind.Double:
                return Number(Take(), negative: false);
            case TokenKind.String or TokenKind.Bytes:
                Take();
                return new LiteralNode(token.Position, token.Value);
        }

        if (token.Is("("))
        {
            Take();
            var inner = Expression();
            Expect(")");
            return inner;
        }

        if (token.Is("."))
        {
            // A leading dot means the outermost scope, and there is no other.
            Take();
            return IdentifierOrCall();
        }

        if (token.Is("["))
        {
            Take();
            return ListLiteral(token.Position);
        }

        if (token.Is("{"))
        {
            Take();
            return MapLiteral(token.Position);
        }

        throw new SyntaxException(
            token.Position,
            $"Syntax error: mismatched input '{token}' expecting {{'[', '{{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}}");
    }

    private Node IdentifierOrCall()
    {
        var token = Name(allowLiterals: true);
        switch (token.Text)
        {
            case "true":
                return new LiteralNode(token.Position, true);
            case "false":
                return new LiteralNode(token.Position, false);
            case "null":
                return new LiteralNode(token.Position, null);
            case var word when IdentifierEscaping.IsReserved(word):
                throw new SyntaxException(token.Position, $"reserved identifier: {word}");
        }

        if (!_token.Is("("))
        {
            return new IdentifierNode(token.Position, token.Text);
        }

        var open = Take();
        var arguments = Arguments(")");
        return Macros.ExpandGlobal(token, open.Position, arguments) ?? new CallNode(open.Position, token.Text, arguments, member: false);
    }

    private ListNode ListLiteral(int position)
    {
        var items = ImmutableArray.CreateBuilder<(Node, bool)>();
        while (!_token.Is("]"))
        {
            var optional = TakeIf("?");
            items.Add((Expression(), optional));
            if (!TakeIf(","))
            {
                break;
            }
        }

        Expect("]");
        return new ListNode(position, items.ToImmutable());
    }

    private MapNode MapLiteral(int position)
    {
        var entries = ImmutableArray.CreateBuilder<(Node, Node, bool)>();
        while (!_token.Is("}"))
        {
            var optional = TakeIf("?");
            var key = Expression();
            Expect(":");
            entries.Add((key, Expression(), optional));
            if (!TakeIf(","))
            {
                break;
            }
        }

        Expect("}");
        return new MapNode(position, entries.ToImmutable());
    }

    private static string? MessageName(Node node) => node switch
    {
        IdentifierNode identifier => identifier.Name,
        SelectNode { Optional: false, Test: false } select when MessageName(select.Operand) is { } holder => $"{holder}.{select.Field}",
        _ => null,
    };

    private MessageNode Message(int position, string name)
    {
        var fields = ImmutableArray.CreateBuilder<(int, string, Node, bool)>();
        while (!_token.Is("}"))
        {
            var optional = TakeIf("?");
            var field = Name();
            var colon = _token.Position;
            Expect(":");
            fields.Add((colon, field.Text, Expression(), optional));
            if (!TakeIf(","))
            {
                break;
            }
        }

        Expect("}");
        return new MessageNode(position, name, fields.ToImmutable());
    }

    private ImmutableArray<Node> Arguments(string close)
    {
        var arguments = ImmutableArray.CreateBuilder<Node>();
        if (!_token.Is(close))
        {
            do
            {
                arguments.Add(Expression());
            }
            while (TakeIf(","));
        }

        Expect(close);
        return arguments.ToImmutable();
    }

    private static LiteralNode Number(Token token, bool negative) => new(token.Position, (token.Kind, token.Value) switch
    {
        (TokenKind.Int, ulong magnitude) when negative => unchecked(-(long)magnitude),
        (TokenKind.Int, ulong and > long.MaxValue) => throw new SyntaxException(token.Position, "invalid int literal"),
        (TokenKind.Int, ulong magnitude) => (long)magnitude,
        (TokenKind.Double, double real) => negative ? -real : real,
        _ => token.Value,
    });

    private Token Name(bool allowLiterals = false)
    {
        var token = _token;
        if (token.Kind != TokenKind.Identifier || token.Text == "in" || (!allowLiterals && token.Text is "true" or "false" or "null"))
        {
            throw new SyntaxException(token.Position, $"Syntax error: mismatched input '{token}' expecting IDENTIFIER");
        }

        return Take();
    }

    private Token Take()
    {
        var taken = _token;
        _token = _lexer.Next();
        return taken;
    }

    private bool TakeIf(string symbol)
    {
        if (!_token.Is(symbol))
        {
            return false;
        }

        Take();
        return true;
    }

    private void Expect(string symbol)
    {
        if (!TakeIf(symbol))
        {
            throw new SyntaxException(_token.Position, $"Syntax error: mismatched input '{_token}' expecting '{symbol}'");
        }
    }

    private static void Bound(Node node)
    {
        if (node.Depth > MaxLevels)
        {
            throw new SyntaxException(node.Position, $"expression recursion limit exceeded: {MaxLevels}");
        }
    }
}
