using ActorOrchestrator.Actors.Access.Tokens;
using ActorOrchestrator.Actors.NodeAgent.Simulation;
using ActorOrchestrator.Actors.NodeAgent.Volumes;
using ActorOrchestrator.Actors.Tests.Controllers;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.TestSupport;
using k8s.Models;

namespace ActorOrchestrator.Actors.Tests.Access;

public sealed class TokenTests
{
    private static readonly ObjectKey Account = new(ResourceTypes.ServiceAccounts, "shop", "robot");
    private readonly PlanWorld _world = new();
    private readonly ManualTime _time = new();

    public TokenTests() => _world.Put(ResourceTypes.ServiceAccounts, """{"metadata":{"name":"robot","namespace":"shop","uid":"u1"}}""");

    [Fact]
    public void A_token_holds_for_its_time_and_not_a_moment_longer()
    {
        var claims = Claims(new TokenSpec([], 600, null));
        Assert.Null(Refusal(claims));
        _time.Advance(TimeSpan.FromSeconds(599));
        Assert.Null(Refusal(claims));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("service account token has expired", Refusal(claims));
    }

    [Fact]
    public void A_token_of_a_pod_holds_a_minute_into_the_pods_end()
    {
        _world.Put(ResourceTypes.Pods, """{"metadata":{"name":"p","namespace":"shop","uid":"p1"},"spec":{"serviceAccountName":"robot"}}""");
        var claims = Claims(new TokenSpec([], 3607, new BoundObject("v1", "Pod", "p", "p1")));
        var end = _time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        _world.Put(ResourceTypes.Pods, $$$"""{"metadata":{"name":"p","namespace":"shop","uid":"p1","deletionTimestamp":"{{{end}}}"},"spec":{"serviceAccountName":"robot"} }""");
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Null(Refusal(claims));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("service account token has been invalidated", Refusal(claims));
    }

    [Fact]
    public void What_is_signed_reads_back_as_it_was()
    {
        var claims = Claims(new TokenSpec(["vault", "shop"], 1200, null));
        var read = TokenClaims.Read(claims.ToJson())!;
        Assert.Equal((claims.Namespace, claims.Account, claims.Expires, claims.Id), (read.Namespace, read.Account, read.Expires, read.Id));
        Assert.Equal("vault shop", string.Join(' ', read.Audiences));
        var legacy = new TokenClaims(TokenClaims.LegacyIssuer, "shop", new TokenBinding("robot", "u1")) { Secret = new TokenBinding("s", "") };
        Assert.True(TokenClaims.Read(legacy.ToJson()) is { IsLegacy: true, Secret.Name: "s", Account.Uid: "u1" });
        var forged = claims.ToJson();
        forged["sub"] = "system:serviceaccount:shop:other";
        Assert.Null(TokenClaims.Read(forged));
    }

    [Fact]
    public void A_bound_on_life_cuts_what_is_asked_for()
    {
        var settings = new TokenSettings { MaxExpiration = TimeSpan.FromHours(1) };
        var decision = TokenRequests.Decide(Account, new TokenSpec([], 86400, null), new UserInfo("admin", []), _world.Cluster, settings, "id", _time.GetUtcNow());
        Assert.Equal(TimeSpan.FromHours(1), decision.Claims!.Expires - _time.GetUtcNow());
    }

    [Fact]
    public async Task A_volumes_token_is_got_again_after_four_fifths_of_its_life_and_kept_while_nobody_answers()
    {
        var issuer = new Issuer(_time);
        var files = new InMemoryNodeFiles();
        var tokens = new VolumeTokens(issuer, files, _time);
        var pod = new V1Pod { Metadata = new V1ObjectMeta { Name = "p", NamespaceProperty = "shop", Uid = "p1" }, Spec = new V1PodSpec { ServiceAccountName = "robot" } };
        var volume = new PlannedVolume.Projection("v", []) { Tokens = [new PlannedToken("token", "", 3600, 420)] };
        async Task<string> Read() => System.Text.Encoding.UTF8.GetString((await tokens.FilesAsync(pod, volume, CancellationToken.None)).Single().Content.Span);
        Assert.Equal("1", await Read());
        Assert.Equal(TimeSpan.FromMinutes(48), tokens.RenewIn());
        _time.Advance(TimeSpan.FromMinutes(47));
        Assert.Equal("1", await Read());
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("2", await Read());

        issuer.IsAway = true;
        _time.Advance(TimeSpan.FromMinutes(50));
        Assert.Equal("2", await Read());
        Assert.Equal(TimeSpan.FromMinutes(1), tokens.RenewIn());

        // A successor of the agent finds the token on the disk.
        await files.ProjectAsync("p1", "v", [new ProjectedFile("token", "2"u8.ToArray(), 420)], null);
        tokens = new VolumeTokens(issuer, files, _time);
        Assert.Equal("2", await Read());
        await Assert.ThrowsAsync<VolumeException>(() => new VolumeTokens(issuer, new InMemoryNodeFiles(), _time).FilesAsync(pod, volume, CancellationToken.None));
    }

    private TokenClaims Claims(TokenSpec spec) =>
        TokenRequests.Decide(Account, spec, new UserInfo("admin", []), _world.Cluster, new TokenSettings { ExtendExpiration = false }, "id", _time.GetUtcNow()).Claims!;

    private string? Refusal(TokenClaims claims) => TokenValidation.Refuse(claims, "", _world.Cluster, _time.GetUtcNow());

    private sealed class Issuer(ManualTime time) : IServiceAccountTokens
    {
        private int _issued;

        public bool IsAway { get; set; }

        public Task<TokenGrant> RequestAsync(ObjectKey account, TokenSpec spec, CancellationToken cancellation = default) => Task.FromResult(IsAway
            ? TokenGrant.Refused(ApiStatus.Unavailable("away"))
            : new TokenGrant((++_issued).ToString(System.Globalization.CultureInfo.InvariantCulture), time.GetUtcNow().AddSeconds(spec.ExpirationSeconds), null));
    }
}
