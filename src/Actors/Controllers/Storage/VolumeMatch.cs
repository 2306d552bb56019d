using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Storage;

/// <summary>Which volume a claim gets (upstream's <c>FindMatchingVolume</c>).</summary>
public static class VolumeMatch
{
    /// <param name="claim">The claim.</param>
    /// <param name="cluster">Where volumes are looked for.</param>
    /// <param name="onlyPromised">The scheduler chooses: only a volume that it has promised to the claim counts.</param>
    /// <returns>The volume that was promised to the claim, or else the smallest free one that is large enough; null when there is none.</returns>
    public static VolumeView? Find(ClaimView claim, ClusterSnapshot cluster, bool onlyPromised)
    {
        VolumeView? best = null;
        foreach (var volume in cluster.All(ResourceTypes.PersistentVolumes).Select(VolumeView.Of))
        {
            if (volume.IsFor(claim) && !volume.IsDeleting)
            {
                // Whoever promised it need not have kept to classes.
                if (volume.Capacity >= claim.Size && volume.VolumeMode == claim.VolumeMode && claim.AccessModes.All(volume.AccessModes.Contains))
                {
                    return volume;
                }

                continue;
            }

            if (!onlyPromised && volume is { Claim: null, IsDeleting: false, Phase: "Available" } && Mismatch(claim, volume) is null
                && claim.Selector?.Matches(volume.Stored.Metadata.Labels) != false && (best is null || volume.Capacity < best.Capacity))
            {
                best = volume;
            }
        }

        return best;
    }

    /// <summary>Why a volume cannot be a claim's, in upstream's words; null when it can.</summary>
    public static string? Mismatch(ClaimView claim, VolumeView volume) =>
        volume.Capacity < claim.Size ? "requested PV is too small"
        : volume.ClassName != claim.ClassName ? "storageClassName does not match"
        : volume.VolumeMode != claim.VolumeMode ? "incompatible volumeMode"
        : volume.AttributesClass != claim.AttributesClass ? "VolumeAttributesClassName does not match"
        : claim.AccessModes.All(volume.AccessModes.Contains) ? null
        : "incompatible accessMode";
}
