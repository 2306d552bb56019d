using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text;
using ActorOrchestrator.Actors.Access.Tokens;
using ActorOrchestrator.Contracts.Resources;
using k8s.Models;

namespace ActorOrchestrator.Actors.NodeAgent.Volumes;

/// <summary>
/// The tokens in the volumes of one pod. One is got again when four fifths of its life are over, or when it is a day old (the kubelet's token
/// manager). While nobody can be asked, the one on the disk goes on serving.
/// </summary>
internal sealed class VolumeTokens(IServiceAccountTokens issuer, INodeFiles files, TimeProvider time)
{
    private static readonly TimeSpan Oldest = TimeSpan.FromHours(24);
    private static readonly TimeSpan AskAgain = TimeSpan.FromMinutes(1);

    private sealed record Held(string Token, DateTimeOffset Expires, DateTimeOffset RenewAt);

    private readonly ConcurrentDictionary<(string Volume, string Path), Held> _held = new();

    /// <exception cref="VolumeException">There is no token, and none can be had.</exception>
    public async Task<ImmutableArray<ProjectedFile>> FilesAsync(V1Pod pod, PlannedVolume.Projection projection, CancellationToken cancellation)
    {
        var projected = ImmutableArray.CreateBuilder<ProjectedFile>(projection.Tokens.Length);
        foreach (var token in projection.Tokens)
        {
            var text = await TokenAsync(pod, projection.Name, token, cancellation);
            projected.Add(new ProjectedFile(token.Path, Encoding.UTF8.GetBytes(text), token.Mode));
        }

        return projected.MoveToImmutable();
    }

    /// <summary>How long until a token is due to be got again; null without tokens.</summary>
    public TimeSpan? RenewIn()
    {
        var now = time.GetUtcNow();
        TimeSpan? soonest = null;
        foreach (var held in _held.Values)
        {
            var wait = held.RenewAt > now ? held.RenewAt - now : TimeSpan.Zero;
            soonest = soonest is null || wait < soonest ? wait : soonest;
        }

        return soonest is { } next && next < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : soonest;
    }

    private async Task<string> TokenAsync(V1Pod pod, string volume, PlannedToken planned, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var place = (volume, planned.Path);
        if (_held.TryGetValue(place, out var held) && now < held.RenewAt)
        {
            return held.Token;
        }

        var account = new ObjectKey(ResourceTypes.ServiceAccounts, pod.Metadata.NamespaceProperty, string.IsNullOrEmpty(pod.Spec.ServiceAccountName) ? "default" : pod.Spec.ServiceAccountName);
        var spec = new TokenSpec(
            planned.Audience.Length == 0 ? [] : [planned.Audience], planned.ExpirationSeconds, new BoundObject("v1", "Pod", pod.Metadata.Name, pod.Metadata.Uid));
        var grant = await issuer.RequestAsync(account, spec, cancellation);
        if (grant.Refusal is null)
        {
            var life = (grant.Expires - now) * 0.8;
            _held[place] = new Held(grant.Token, grant.Expires, now + (life < Oldest ? life : Oldest));
            return grant.Token;
        }

        if (held is not null && now < held.Expires)
        {
            _held[place] = held with { RenewAt = now + AskAgain };
            return held.Token;
        }

        var kept = grant.Refusal.Code == 503 ? await files.ReadProjectedAsync(pod.Metadata.Uid, volume, planned.Path, cancellation) : default;
        if (kept.IsEmpty)
        {
            throw new VolumeException($"failed to fetch token: {grant.Refusal.Message}");
        }

        // From before this agent started: its end is not known, the API will say when it no longer holds.
        var text = Encoding.UTF8.GetString(kept.Span);
        _held[place] = new Held(text, now + AskAgain, now + AskAgain);
        return text;
    }
}
