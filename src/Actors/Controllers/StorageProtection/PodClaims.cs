using System.Collections.Immutable;
using System.Text.Json;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.StorageProtection;

/// <summary>The claims that a pod mounts, read once for each version of it.</summary>
/// <param name="Named">Those that it names.</param>
/// <param name="Ephemeral">Those that are made for it alone.</param>
public sealed record PodClaims(ImmutableArray<string> Named, ImmutableArray<string> Ephemeral)
{
    private static readonly PodClaims None = new([], []);
    private static readonly ViewCache<PodClaims> Views = new(Read);

    public static PodClaims Of(StoredObject pod) => Views[pod];

    public IEnumerable<string> All => Named.Concat(Ephemeral);

    private static PodClaims Read(StoredObject pod)
    {
        var utf8 = pod.Utf8.Span;
        if (utf8.IndexOf("\"persistentVolumeClaim\""u8) < 0 && utf8.IndexOf("\"ephemeral\""u8) < 0)
        {
            return None;
        }

        using var document = JsonDocument.Parse(pod.Utf8);
        var volumes = document.RootElement.Get("spec").Items("volumes").ToArray();
        return new PodClaims(
            [.. volumes.Select(volume => volume.Get("persistentVolumeClaim").Text("claimName")).Where(name => name.Length > 0)],
            [.. volumes.Where(volume => volume.Get("ephemeral").ValueKind == JsonValueKind.Object).Select(volume => $"{pod.Key.Name}-{volume.Text("name")}")]);
    }
}
