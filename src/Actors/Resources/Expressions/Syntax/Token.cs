namespace ActorOrchestrator.Actors.Resources.Expressions.Syntax;

internal enum TokenKind : byte
{
    End,
    Identifier,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    Symbol,
}

/// <param name="Position">In characters from the beginning.</param>
/// <param name="Text">As written; the literal's value is in <paramref name="Value"/>.</param>
internal readonly record struct Token(TokenKind Kind, int Position, string Text, object? Value = null)
{
    public bool Is(string symbol) => Kind == TokenKind.Symbol && Text == symbol;

    public override string ToString() => Kind == TokenKind.End ? "<EOF>" : Text;
}

/// <summary>What is wrong with the text and where; it never leaves the compiler.</summary>
internal sealed class SyntaxException(int position, string message) : Exception(message)
{
    public int Position { get; } = position;
}
