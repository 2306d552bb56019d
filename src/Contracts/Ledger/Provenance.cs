using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Contracts.Ledger;

/// <summary>Who made a fact true, when, by what act, and which earlier fact made them do it.</summary>
/// <param name="Principal">A user name as the API knows it: <c>admin</c>, <c>system:node:n1</c>, <c>system:serviceaccount:kube-system:deployment-controller</c>.</param>
/// <param name="Time">When the command was made, UTC.</param>
/// <param name="Act">What was being done, in few words: <c>create</c>, <c>patch scale</c>, <c>bind</c>, <c>reconcile</c>.</param>
/// <param name="Cause">The revision that the principal acted upon; <see cref="Revision.None"/> when a person simply asked.</param>
public sealed record Provenance(string Principal, DateTimeOffset Time, string Act, Revision Cause);
