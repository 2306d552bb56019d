namespace ActorOrchestrator.Contracts.Access;

/// <summary>The API groups that authentication, authorization and certificates are made of.</summary>
public static class AccessGroups
{
    public const string Rbac = "rbac.authorization.k8s.io";
    public const string Authentication = "authentication.k8s.io";
    public const string Authorization = "authorization.k8s.io";
    public const string Certificates = "certificates.k8s.io";
}
