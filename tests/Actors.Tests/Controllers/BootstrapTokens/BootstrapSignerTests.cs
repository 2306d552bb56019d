using System.Text;
using ActorOrchestrator.Actors.Controllers.BootstrapTokens;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Tests.Controllers.BootstrapTokens;

public sealed class BootstrapSignerTests
{
    private readonly ControllerDefinition _signer = BootstrapSignerReconciler.Definition;
    private readonly PlanWorld _world = new();

    [Fact]
    public void A_signature_is_a_detached_jws_as_upstream_makes_it() => Assert.Equal(
        "eyJhbGciOiJIUzI1NiIsImtpZCI6Impvc2h1YSJ9..VShe2taLd-YTrmWuRkcL_8QTNDHYxQIEBsAYYiIj1_8",
        BootstrapSignerReconciler.Sign("Hello from the other side. I must have called a thousand times.", "joshua", "my voice is my passcode"));

    [Fact]
    public void Cluster_info_is_signed_with_every_token_that_may_and_no_other()
    {
        var info = _world.Put(ResourceTypes.ConfigMaps, """{"metadata":{"name":"cluster-info","namespace":"kube-public"},"data":{"kubeconfig":"content","jws-kubeconfig-gone":"x"}}""");
        Token("aaaaaa", "true", "");
        Token("bbbbbb", "false", "");
        Token("cccccc", "true", "2026-01-01T11:00:00Z");
        Token("dddddd", "true", "2026-01-01T13:00:00Z");
        _world.Settle(_signer, info);
        Assert.Equal(["jws-kubeconfig-aaaaaa", "jws-kubeconfig-dddddd", "kubeconfig"], Keys());
        Assert.Equal(_world.Now.AddHours(1), _signer.Reconcile(Observed.At(info, _world.Cluster), _world.Now).RequeueAt);
        _world.Now = _world.Now.AddHours(1);
        _world.Settle(_signer, info);
        Assert.Equal(["jws-kubeconfig-aaaaaa", "kubeconfig"], Keys());
    }

    private string[] Keys() => [.. _world.Cluster.All(ResourceTypes.ConfigMaps).Single().ToJson()["data"]!.AsObject().Select(entry => entry.Key).Order(StringComparer.Ordinal)];

    private void Token(string id, string signs, string expiration)
    {
        static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
        _world.Put(ResourceTypes.Secrets, $$$"""
            {"metadata":{"name":"bootstrap-token-{{{id}}}","namespace":"kube-system"},"type":"bootstrap.kubernetes.io/token",
             "data":{"token-id":"{{{Encode(id)}}}","token-secret":"{{{Encode("secret")}}}","usage-bootstrap-signing":"{{{Encode(signs)}}}","expiration":"{{{Encode(expiration)}}}"}}
            """);
    }
}
