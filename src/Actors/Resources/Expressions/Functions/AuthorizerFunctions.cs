using ActorOrchestrator.Actors.Resources.Expressions.Authorization;
using ActorOrchestrator.Actors.Resources.Expressions.Values;

namespace ActorOrchestrator.Actors.Resources.Expressions.Functions;

/// <summary><c>authorizer.group('apps').resource('deployments').namespace('shop').check('create').allowed()</c>.</summary>
internal static class AuthorizerFunctions
{
    /// <summary>As upstream: an expression can afford two checks.</summary>
    private const double CheckCost = 350_000;

    public static void AddTo(FunctionTable table)
    {
        table.Add("authorizer::path(string) -> path", a => a[1] is "" ? new Failure("path must not be empty") : new PathCheckValue((AuthorizerValue)a[0]!, (string)a[1]!));
        table.Add("authorizer::group(string) -> group", a => new GroupCheckValue((AuthorizerValue)a[0]!, (string)a[1]!));
        table.Add("authorizer::serviceAccount(string, string) -> authorizer", a => ServiceAccount((AuthorizerValue)a[0]!, (string)a[1]!, (string)a[2]!));
        table.Add("group::resource(string) -> resource", a => a[1] is "" ? new Failure("resource must not be empty") : Resource((GroupCheckValue)a[0]!, (string)a[1]!));
        table.Add("resource::subresource(string) -> resource", a => With(a, (question, text) => question with { Subresource = text }));
        table.Add("resource::namespace(string) -> resource", a => With(a, (question, text) => question with { Namespace = text }));
        table.Add("resource::name(string) -> resource", a => With(a, (question, text) => question with { Name = text }));
        table.Add("resource::fieldSelector(string) -> resource", a => With(a, (question, text) => question with { FieldSelector = text }), Selector);
        table.Add("resource::labelSelector(string) -> resource", a => With(a, (question, text) => question with { LabelSelector = text }), Selector);
        table.Add("path::check(string) -> decision", a => a[0] is PathCheckValue check
            ? Ask(check.Authorizer, new AuthorizationQuestion(check.Authorizer.User, (string)a[1]!) { Path = check.Path })
            : null, (_, _) => CheckCost);
        table.Add("resource::check(string) -> decision", a => a[0] is ResourceCheckValue check
            ? Ask(check.Authorizer, check.Question with { Verb = (string)a[1]! })
            : null, (_, _) => CheckCost);
        table.Add("decision::allowed() -> bool", a => Answer(a[0]).Allowed);
        table.Add("decision::reason() -> string", a => Answer(a[0]).Reason);
        table.Add("decision::errored() -> bool", a => Answer(a[0]).Error.Length > 0);
        table.Add("decision::error() -> string", a => Answer(a[0]).Error);
    }

    private static AuthorizationAnswer Answer(object? value) => ((DecisionValue)value!).Answer;

    private static DecisionValue Ask(AuthorizerValue authorizer, AuthorizationQuestion question) => new(authorizer.Authorizer.Authorize(question));

    private static ResourceCheckValue Resource(GroupCheckValue group, string resource) =>
        new(group.Authorizer, new AuthorizationQuestion(group.Authorizer.User, "") { Group = group.Group, Resource = resource });

    private static ResourceCheckValue With(object?[] a, Func<AuthorizationQuestion, string, AuthorizationQuestion> change) =>
        a[0] is ResourceCheckValue check ? check with { Question = change(check.Question, (string)a[1]!) } : throw new InvalidOperationException();

    private static object ServiceAccount(AuthorizerValue authorizer, string @namespace, string name) =>
        Contracts.Validation.Names.Dns1123Subdomain(name).Count > 0 ? new Failure("Invalid service account name")
        : Contracts.Validation.Names.Dns1123Label(@namespace).Count > 0 ? new Failure("Invalid service account namespace")
        : authorizer with { User = ServiceAccounts.User(@namespace, name) };

    private static double Selector(object?[] a, object? result) => 10 + Math.Ceiling(Effort.OfSize(a[1]) * (Effort.PerCharacter + (0.5 * 50)));
}
