using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Resources.Admission;

/// <summary>
/// A pod runs as somebody: the ServiceAccount <c>default</c> unless it names another, which must exist; it gets the account's image pull secrets and,
/// unless account or pod say no, a volume with a token for the API (upstream's plugin ServiceAccount).
/// </summary>
/// <param name="reader">Where to wait for the default account of a namespace that was made a moment ago; null where nobody makes accounts (a bench, a simulation), and none is missed.</param>
/// <param name="time">For the patience.</param>
public sealed class ServiceAccountAdmission(IClusterReader? reader, TimeProvider time) : IAdmissionPlugin
{
    private const string Default = "default";
    private const string MountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
    private const string VolumePrefix = "kube-api-access-";
    private const string MirrorAnnotation = "kubernetes.io/config.mirror";
    private const string EnforceAnnotation = "kubernetes.io/enforce-mountable-secrets";
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(1500);

    private readonly ViewCache<Account> _accounts = new(Account.Read);

    private sealed record Account(bool? Automount, string[] PullSecrets, HashSet<string> Secrets, bool Enforced)
    {
        public static Account Read(StoredObject stored)
        {
            var account = stored.ToJson();
            return new Account(
                Choice(account),
                NamesIn(account, "imagePullSecrets"),
                [.. NamesIn(account, "secrets")],
                stored.Metadata.Annotations.GetValueOrDefault(EnforceAnnotation) is "1" or "t" or "T" or "true" or "TRUE" or "True");
        }

        private static string[] NamesIn(JsonObject account, string list) => [.. (account.Array(list) ?? []).Select(entry => entry.Text("name"))];
    }

    public ValueTask<ApiStatus?> MutateAsync(AdmissionRequest request, CancellationToken cancellation) => NewPod.Is(request) ? AdmitAsync(request, cancellation) : default;

    /// <summary>Ephemeral containers come later and see no other secrets.</summary>
    public ValueTask<ApiStatus?> ValidateAsync(AdmissionRequest request, CancellationToken cancellation)
    {
        if (request.Key.Type != ResourceTypes.Pods || request.Options.Subresource != "ephemeralcontainers" || request.Object.Object("spec") is not { } spec
            || request.Snapshot.Find(new ObjectKey(ResourceTypes.ServiceAccounts, request.Key.Namespace, spec.Text("serviceAccountName"))) is not { } found)
        {
            return default;
        }

        var account = _accounts[found];
        return new(account.Enforced ? Variables(request, spec, account, [("ephemeralContainers", "ephemeral container")]) : null);
    }

    private ValueTask<ApiStatus?> AdmitAsync(AdmissionRequest request, CancellationToken cancellation)
    {
        var spec = request.Object.Ensure("spec");
        if (request.Object.Object("metadata").Object("annotations")?.ContainsKey(MirrorAnnotation) == true)
        {
            return new(AdmitMirror(request, spec));
        }

        if (spec.Text("serviceAccountName").Length == 0)
        {
            // The deprecated spelling still counts when it is the only one.
            spec["serviceAccountName"] = spec.Text("serviceAccount") is { Length: > 0 } old ? old : Default;
        }

        spec["serviceAccount"] = spec.Text("serviceAccountName");
        var key = new ObjectKey(ResourceTypes.ServiceAccounts, request.Key.Namespace, spec.Text("serviceAccountName"));
        return request.Snapshot.Find(key) is { } account ? new(Furnish(request, spec, _accounts[account])) : MissingAsync(request, spec, key, cancellation);
    }

    private async ValueTask<ApiStatus?> MissingAsync(AdmissionRequest request, JsonObject spec, ObjectKey key, CancellationToken cancellation)
    {
        var home = request.Snapshot.Find(new ObjectKey(ResourceTypes.Namespaces, "", key.Namespace));
        if (reader is null || home is null || home.Metadata.DeletionTimestamp is not null)
        {
            // That the namespace is missing is the better refusal, and it comes.
            return null;
        }

        var found = key.Name == Default ? await WaitAsync(reader, key, request.Snapshot.Revision, cancellation).ConfigureAwait(false) : null;
        return found is not null
            ? Furnish(request, spec, _accounts[found])
            : ApiStatus.Forbidden(request.Key, $"error looking up service account {key.Namespace}/{key.Name}: serviceaccount \"{key.Name}\" not found");
    }

    /// <summary>Every namespace gets its account right after it was made: whoever makes a pod in the same breath waits for it.</summary>
    private async Task<StoredObject?> WaitAsync(IClusterReader cluster, ObjectKey key, Revision seen, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        try
        {
            while (true)
            {
                var newer = await cluster.AtLeastAsync(seen.Next, either.Token).ConfigureAwait(false);
                if (newer.Find(key) is { } found)
                {
                    return found;
                }

                seen = newer.Revision;
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    private static ApiStatus? Furnish(AdmissionRequest request, JsonObject spec, Account account)
    {
        if ((Choice(spec) ?? account.Automount ?? true) && Mount(spec))
        {
            Ensured(spec, "volumes");
        }

        if (spec.Array("imagePullSecrets") is not { Count: > 0 } && account.PullSecrets.Length > 0)
        {
            spec["imagePullSecrets"] = new JsonArray([.. account.PullSecrets.Select(name => new JsonObject { ["name"] = name })]);
        }

        return account.Enforced ? Enforce(request, spec, account) : null;
    }

    private static bool? Choice(JsonObject obj) => obj["automountServiceAccountToken"] is JsonValue value && value.TryGetValue<bool>(out var choice) ? choice : null;

    /// <summary>A container that mounts something at the place already keeps that.</summary>
    private static bool Mount(JsonObject spec)
    {
        var present = (spec.Array("volumes") ?? []).Select(volume => volume.Text("name")).FirstOrDefault(name => name.StartsWith(VolumePrefix, StringComparison.Ordinal));
        var name = present ?? NameGenerator.Generate(VolumePrefix);
        var mounted = false;
        foreach (var container in (spec.Array("initContainers") ?? []).Concat(spec.Array("containers") ?? []).OfType<JsonObject>())
        {
            if ((container.Array("volumeMounts") ?? []).Any(mount => mount.Text("mountPath") == MountPath))
            {
                continue;
            }

            Ensured(container, "volumeMounts").Add(new JsonObject { ["mountPath"] = MountPath, ["name"] = name, ["readOnly"] = true });
            mounted = true;
        }

        if (mounted && present is null)
        {
            Ensured(spec, "volumes").Add(Volume(name));
        }

        return mounted;
    }

    private static JsonObject Volume(string name) => new()
    {
        ["name"] = name,
        ["projected"] = new JsonObject
        {
            ["defaultMode"] = 420,
            ["sources"] = new JsonArray(
                new JsonObject { ["serviceAccountToken"] = new JsonObject { ["expirationSeconds"] = 3607, ["path"] = "token" } },
                new JsonObject
                {
                    ["configMap"] = new JsonObject
                    {
                        ["items"] = new JsonArray(new JsonObject { ["key"] = "ca.crt", ["path"] = "ca.crt" }),
                        ["name"] = "kube-root-ca.crt",
                    },
                },
                new JsonObject
                {
                    ["downwardAPI"] = new JsonObject
                    {
                        ["items"] = new JsonArray(new JsonObject
                        {
                            ["fieldRef"] = new JsonObject { ["apiVersion"] = "v1", ["fieldPath"] = "metadata.namespace" },
                            ["path"] = "namespace",
                        }),
                    },
                }),
        },
    };

    private static JsonArray Ensured(JsonObject obj, string name)
    {
        if (obj.Array(name) is { } present)
        {
            return present;
        }

        var made = new JsonArray();
        obj[name] = made;
        return made;
    }

    /// <summary>An account can allow its pods no secrets but those that it lists.</summary>
    private static ApiStatus? Enforce(AdmissionRequest request, JsonObject spec, Account account)
    {
        var name = spec.Text("serviceAccountName");
        foreach (var volume in spec.Array("volumes") ?? [])
        {
            if (volume.Object("secret") is { } source && !account.Secrets.Contains(source.Text("secretName")))
            {
                return ApiStatus.Forbidden(request.Key, $"volume with secret.secretName=\"{source.Text("secretName")}\" is not allowed because service account {name} does not reference that secret");
            }
        }

        if (Variables(request, spec, account, [("initContainers", "init container"), ("containers", "container")]) is { } refusal)
        {
            return refusal;
        }

        var pulls = (spec.Array("imagePullSecrets") ?? []).Select((entry, index) => (Name: entry.Text("name"), Index: index)).FirstOrDefault(entry => !account.PullSecrets.Contains(entry.Name));
        return pulls.Name is null ? null : ApiStatus.Forbidden(request.Key, $"imagePullSecrets[{pulls.Index}].name=\"{pulls.Name}\" is not allowed because service account {name} does not reference that imagePullSecret");
    }

    private static ApiStatus? Variables(AdmissionRequest request, JsonObject spec, Account account, ReadOnlySpan<(string List, string Kind)> lists)
    {
        foreach (var (list, kind) in lists)
        {
            foreach (var container in spec.Array(list) ?? [])
            {
                var ones = (container.Array("env") ?? []).Select(variable => (What: $"envVar {variable.Text("name")}", Secret: variable.Object("valueFrom").Object("secretKeyRef")));
                var all = (container.Array("envFrom") ?? []).Select(source => (What: "envFrom", Secret: source.Object("secretRef")));
                foreach (var (what, secret) in ones.Concat(all).Where(entry => entry.Secret is not null && !account.Secrets.Contains(entry.Secret.Text("name"))))
                {
                    return ApiStatus.Forbidden(request.Key, $"{kind} {container.Text("name")} with {what} referencing secret.secretName=\"{secret.Text("name")}\" is not allowed because service account {spec.Text("serviceAccountName")} does not reference that secret");
                }
            }
        }

        return null;
    }

    /// <summary>What a node reports of its static pods needs nothing of the cluster.</summary>
    private static ApiStatus? AdmitMirror(AdmissionRequest request, JsonObject spec)
    {
        var why = spec.Text("serviceAccountName").Length > 0 ? "a mirror pod may not reference service accounts"
            : PodReferences.HasSecrets(spec) ? "a mirror pod may not reference secrets"
            : PodReferences.HasTokens(spec) ? "a mirror pod may not use ServiceAccountToken volume projections"
            : null;
        return why is null ? null : ApiStatus.Forbidden(request.Key, why);
    }
}
