using ActorOrchestrator.Contracts.Access;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Host.Api.Authorization;

/// <summary>The refusal in upstream's words: who may not do what, where.</summary>
internal static class ForbiddenStatus
{
    public static ApiStatus For(UserInfo user, in RequestAttributes request, string reason = "")
    {
        var why = reason.Length == 0 ? "" : $": {reason}";
        if (!request.IsResource)
        {
            return new ApiStatus(403, "Forbidden", $"forbidden: User \"{user.Name}\" cannot {request.Verb} path \"{request.Url}\"{why}");
        }

        var type = request.Type;
        var resource = request.Subresource.Length == 0 ? type.Plural : $"{type.Plural}/{request.Subresource}";
        var where = request.Namespace.Length == 0 ? "at the cluster scope" : $"in the namespace \"{request.Namespace}\"";
        var subject = request.Name.Length == 0 ? $"{type} is forbidden" : $"{type} \"{request.Name}\" is forbidden";
        return new ApiStatus(403, "Forbidden", $"{subject}: User \"{user.Name}\" cannot {request.Verb} resource \"{resource}\" in API group \"{type.Group}\" {where}{why}")
        {
            Kind = type.Plural,
            Group = type.Group,
            Name = request.Name,
        };
    }
}
