using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Host.Api.Authorization;

/// <summary>The refusal in upstream's words: who may not do what, where.</summary>
internal static class ForbiddenStatus
{
    public static ApiStatus For(UserInfo user, in RequestAttributes request)
    {
        if (request.Path is not { } path)
        {
            return new ApiStatus(403, "Forbidden", $"forbidden: User \"{user.Name}\" cannot {request.Verb} path \"{request.Url}\"");
        }

        var type = path.Descriptor.Type;
        var resource = path.Subresource.Length == 0 ? type.Plural : $"{type.Plural}/{path.Subresource}";
        var where = path.Namespace.Length == 0 ? "at the cluster scope" : $"in the namespace \"{path.Namespace}\"";
        var subject = path.Name.Length == 0 ? $"{type} is forbidden" : $"{type} \"{path.Name}\" is forbidden";
        return new ApiStatus(403, "Forbidden", $"{subject}: User \"{user.Name}\" cannot {request.Verb} resource \"{resource}\" in API group \"{type.Group}\" {where}")
        {
            Kind = type.Plural,
            Group = type.Group,
            Name = path.Name,
        };
    }
}
