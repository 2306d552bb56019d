using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using ActorOrchestrator.Actors.Resources.Expressions;
using ActorOrchestrator.Contracts.CustomResources;

namespace ActorOrchestrator.Actors.Resources.CustomResources;

/// <summary>One rule of a schema, compiled once and kept with the schema that it stands in.</summary>
/// <param name="Source">As its author wrote it.</param>
/// <param name="Program">Null when it does not compile.</param>
/// <param name="Error">Why it does not.</param>
/// <param name="Message">The compiled message expression; null without one, or when it does not compile.</param>
/// <param name="MessageError">Why it does not.</param>
/// <param name="IsTransition">It names <c>oldSelf</c>.</param>
/// <param name="Path">The fields that it blames, below its own place.</param>
internal sealed record CompiledRule(
    ValidationRule Source, ExpressionProgram? Program, string? Error, ExpressionProgram? Message, string? MessageError, bool IsTransition,
    ImmutableArray<(string Name, bool IsKey)> Path)
{
    public bool OldSelfIsOptional => Source.OptionalOldSelf == true;
}

/// <summary>The rules at one place of a schema (<c>x-kubernetes-validations</c>).</summary>
internal sealed class CompiledRules
{
    private static readonly ConditionalWeakTable<StructuralSchema, CompiledRules> Known = [];

    private CompiledRules(StructuralSchema schema, bool isResource)
    {
        var self = ExpressionSchema.OfStructural(schema.Source, isResource) ?? ExpressionType.Dyn;
        Self = self;
        Rules = [.. schema.Rules.Select(rule => Compile(rule, self, schema))];
    }

    /// <summary>The type of the values at this place.</summary>
    public ExpressionType Self { get; }

    public ImmutableArray<CompiledRule> Rules { get; }

    /// <param name="schema">The place.</param>
    /// <param name="isResource">It is a whole object, with a type and metadata of its own.</param>
    public static CompiledRules Of(StructuralSchema schema, bool isResource) =>
        Known.TryGetValue(schema, out var known) ? known : Known.GetValue(schema, key => new CompiledRules(key, isResource));

    private static CompiledRule Compile(ValidationRule rule, ExpressionType self, StructuralSchema schema)
    {
        var old = rule.OptionalOldSelf == true ? ExpressionType.Optional(self) : self;
        var environment = new ExpressionEnvironment(("self", self), ("oldSelf", old));
        var program = Expression.Compile(rule.Rule, environment);
        var error = program.Error ?? (program.Type.Kind == ExpressionKind.Bool ? null : "cel expression must evaluate to a bool");
        var message = rule.MessageExpression.Length == 0 || error is not null ? null : Expression.Compile(rule.MessageExpression, environment);
        var messageError = message?.Error is { } wrong ? $"messageExpression {wrong}"
            : message is { Type.Kind: not ExpressionKind.String } ? "messageExpression must evaluate to a string"
            : null;
        RuleFieldPath.TryParse(rule.FieldPath, schema, out var path);
        return new CompiledRule(
            rule, error is null ? program.Program : null, error, messageError is null ? message?.Program : null, messageError, program.Program?.Mentions("oldSelf") ?? false, path);
    }
}
