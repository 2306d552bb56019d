using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ActorOrchestrator.Actors.Controllers.Certificates;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Tests.Controllers.Certificates;

public sealed class CertificateCleanupTests
{
    private readonly PlanWorld _world = new();

    [Theory]
    [InlineData("", false, 23, true)]
    [InlineData("", false, 25, false)]
    [InlineData("Approved", false, 2, true)]
    [InlineData("Approved", false, 25, false)]
    [InlineData("Approved", true, 0.9, true)]
    [InlineData("Approved", true, 1.1, false)]
    [InlineData("Denied", false, 0.9, true)]
    [InlineData("Denied", false, 1.1, false)]
    [InlineData("Failed", false, 1.1, false)]
    [InlineData("Mine", false, 100, true)]
    public void Requests_that_are_over_go_and_the_others_have_a_day(string condition, bool isIssued, double hours, bool stays)
    {
        var since = _world.Now.AddHours(-hours).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        var conditions = condition.Length == 0 ? "[]" : $$"""[{"type":"{{condition}}","status":"True","lastUpdateTime":"{{since}}"}]""";
        Assert.Equal(stays, IsKept(since, conditions, isIssued ? Certificate(_world.Now.AddYears(1)) : ""));
    }

    [Fact]
    public void A_request_whose_certificate_has_expired_goes_at_once()
    {
        var now = "2026-01-01T12:00:00Z";
        var approved = $$"""[{"type":"Approved","status":"True","lastUpdateTime":"{{now}}"}]""";
        Assert.False(IsKept(now, approved, Certificate(_world.Now.AddMinutes(-1))));
        Assert.True(IsKept(now, approved, Certificate(_world.Now.AddMinutes(1))));
        Assert.True(IsKept(now, approved, "nonsense"));
    }

    private bool IsKept(string created, string conditions, string certificate)
    {
        var key = _world.Put(
            ResourceTypes.CertificateSigningRequests,
            $$$"""{"metadata":{"name":"c","creationTimestamp":"{{{created}}}"},"status":{"conditions":{{{conditions}}},"certificate":"{{{certificate}}}"}}""");
        _world.Carry(new CertificateCleanup().Sweep(_world.Cluster, _world.Now));
        return _world.Cluster.Find(key) is not null;
    }

    private static string Certificate(DateTimeOffset end)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=me", key, HashAlgorithmName.SHA256).CreateSelfSigned(end.AddYears(-2), end);
        return Convert.ToBase64String(Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()));
    }
}
