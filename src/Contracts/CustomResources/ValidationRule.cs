namespace ActorOrchestrator.Contracts.CustomResources;

/// <summary>An entry of <c>x-kubernetes-validations</c>: a CEL expression over <c>self</c> and, for transitions, <c>oldSelf</c>.</summary>
/// <param name="Rule">The expression; it is to be true.</param>
/// <param name="Message">What is said when it is not; empty for a message made of the rule.</param>
/// <param name="MessageExpression">A CEL expression that makes the message; empty for none.</param>
/// <param name="Reason">A cause's reason without its prefix's: <c>FieldValueInvalid</c>, <c>FieldValueForbidden</c> …; empty for invalid.</param>
/// <param name="FieldPath">The field below the rule's place that is blamed; empty for the place itself.</param>
/// <param name="OptionalOldSelf">Transition rules run on creation too, with <c>oldSelf</c> as an optional; null when it is not said.</param>
public sealed record ValidationRule(string Rule, string Message, string MessageExpression, string Reason, string FieldPath, bool? OptionalOldSelf);
