using System.Collections.Immutable;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Resources.Aggregation;

/// <summary>An APIService that a Service in the cluster answers for.</summary>
/// <param name="Object">As it is stored.</param>
/// <param name="Group">The API group.</param>
/// <param name="Version">Its version.</param>
/// <param name="Namespace">Of the Service.</param>
/// <param name="Service">Its name.</param>
/// <param name="Port">A port of it.</param>
/// <param name="Bundle">Whose certificates are trusted; empty for the machine's roots.</param>
/// <param name="Insecure">Any certificate is trusted.</param>
/// <param name="IsAvailable">The last check reached it.</param>
/// <param name="GroupPriority">Groups of higher priority are listed first.</param>
/// <param name="VersionPriority">So are versions in a group.</param>
public sealed record RemoteApiService(
    StoredObject Object, string Group, string Version, string Namespace, string Service, int Port, string Bundle, bool Insecure, bool IsAvailable,
    long GroupPriority, long VersionPriority)
{
    /// <summary>Where the group's version is served, here and there.</summary>
    public string Root => $"/apis/{Group}/{Version}";

    /// <summary>The name that its certificate is to have.</summary>
    public string Host => $"{Service}.{Namespace}.svc";

    /// <summary>Null for an APIService that is served here.</summary>
    public static RemoteApiService? Read(StoredObject obj)
    {
        var tree = obj.ToJson();
        var spec = tree.Object("spec");
        return spec.Object("service") is not { } service ? null : new RemoteApiService(
            obj, JsonNodes.Text(spec, "group"), JsonNodes.Text(spec, "version"), JsonNodes.Text(service, "namespace"), JsonNodes.Text(service, "name"),
            (int)(JsonNodes.Number(service, "port") ?? 443), JsonNodes.Text(spec, "caBundle"), spec.Flag("insecureSkipTLSVerify"),
            Conditions.IsTrue(tree.Object("status"), "Available"), JsonNodes.Number(spec, "groupPriorityMinimum") ?? 0, JsonNodes.Number(spec, "versionPriority") ?? 0);
    }
}

/// <summary>The APIServices that are served elsewhere, read again only when one of them has changed.</summary>
public sealed class RemoteApiServices(IClusterReader reader)
{
    private Known _known = new(null, []);

    public ImmutableArray<RemoteApiService> Current
    {
        get
        {
            var snapshot = reader.Current;
            var identity = snapshot.IdentityOf(ResourceTypes.ApiServices);
            var known = Volatile.Read(ref _known);
            if (ReferenceEquals(known.Identity, identity))
            {
                return known.Services;
            }

            known = new Known(identity, [.. snapshot.All(ResourceTypes.ApiServices).Select(RemoteApiService.Read).OfType<RemoteApiService>()]);
            Volatile.Write(ref _known, known);
            return known.Services;
        }
    }

    /// <summary>By a path below <c>/apis/{group}/{version}</c>; null when it is not served elsewhere.</summary>
    public RemoteApiService? Find(string path)
    {
        foreach (var service in Current)
        {
            if (path.StartsWith(service.Root, StringComparison.Ordinal) && (path.Length == service.Root.Length || path[service.Root.Length] == '/'))
            {
                return service;
            }
        }

        return null;
    }

    private sealed record Known(object? Identity, ImmutableArray<RemoteApiService> Services);
}
