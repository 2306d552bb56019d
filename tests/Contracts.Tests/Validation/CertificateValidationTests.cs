using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Validation;

namespace ActorOrchestrator.Contracts.Tests.Validation;

public sealed class CertificateValidationTests
{
    private const string Approved = """{"type":"Approved","status":"True"}""";
    private const string Denied = """{"type":"Denied","status":"True"}""";
    private static readonly string Request = Pem("CERTIFICATE REQUEST", Der());
    private static readonly string Certificate = Pem("CERTIFICATE", [1, 2, 3]);

    [Theory]
    [InlineData("example.com/s", """["client auth"]""", "")]
    [InlineData("example.com/s", "[]", "spec.usages: Required value: usages must be provided")]
    [InlineData("example.com/s", """["client auth","client auth"]""", "spec.usages[1]: Duplicate value: \"client auth\"")]
    [InlineData("", """["any"]""", "spec.signerName: Required value: signerName must be provided")]
    [InlineData("kubernetes.io/legacy-unknown", """["any"]""", "spec.signerName: Invalid value: \"kubernetes.io/legacy-unknown\": the legacy signerName is not allowed via this API version")]
    [InlineData("example/s", """["any"]""", "spec.signerName: Invalid value: \"example\": should be a domain with at least two segments separated by dots")]
    [InlineData("one/two/three", """["any"]""", "spec.signerName: Invalid value: \"one/two/three\": must be a fully qualified domain and path of the form 'example.com/signer-name'")]
    [InlineData("Ex.com/s", """["any"]""", "spec.signerName: Invalid value: \"Ex.com\": validating label \"Ex\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')")]
    public void What_is_asked_for_is_judged_in_upstreams_words(string signer, string usages, string expected) =>
        Assert.Equal(expected, string.Join('\n', Problems(Csr(Request, signer, usages))));

    [Fact]
    public void A_usage_that_nobody_knows_is_told_with_those_that_are_known() =>
        Assert.StartsWith("spec.usages[0]: Unsupported value: \"flying\": supported values: \"any\", \"cert sign\", ", Assert.Single(Problems(Csr(Request, usages: """["flying"]"""))), StringComparison.Ordinal);

    [Fact]
    public void A_request_is_in_pem_readable_and_signed_by_its_own_key()
    {
        Assert.EndsWith(": PEM block type must be CERTIFICATE REQUEST", Assert.Single(Problems(Csr(Certificate))), StringComparison.Ordinal);
        Assert.Contains("x509: malformed certificate request", Assert.Single(Problems(Csr(Pem("CERTIFICATE REQUEST", [48, 3, 2, 1, 1])))), StringComparison.Ordinal);
        var forged = Der();
        forged[^1] ^= 1;
        Assert.Contains("the signature of the certificate request does not hold", Assert.Single(Problems(Csr(Pem("CERTIFICATE REQUEST", forged)))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Approved + "," + Denied, "", "status.conditions[1].type: Invalid value: \"Denied\": Approved and Denied conditions are mutually exclusive")]
    [InlineData(Approved + "," + Approved, "", "status.conditions[1].type: Duplicate value: \"Approved\"")]
    [InlineData("""{"status":"True"}""", "", "status.conditions[0].type: Required value")]
    [InlineData("""{"type":"Failed","status":"False"}""", "", "status.conditions[0].status: Unsupported value: \"False\": supported values: \"True\"")]
    [InlineData("", Approved, "status.conditions: Forbidden: updates may not remove a condition of type \"Approved\"")]
    [InlineData(Approved + "," + Denied, Approved + "," + Denied, "")]
    [InlineData(Approved + ",{\"type\":\"Mine\",\"status\":\"Unknown\"}", Approved, "")]
    public void Verdicts_do_not_contradict_each_other_and_are_not_taken_back(string conditions, string before, string expected)
    {
        var old = before.Length == 0 ? null : Csr(Request, status: $$"""{"conditions":[{{before}}]}""");
        Assert.Equal(expected, string.Join('\n', Problems(Csr(Request, status: $$"""{"conditions":[{{conditions}}]}"""), old)));
    }

    [Fact]
    public void A_certificate_stays_as_it_was_issued()
    {
        var issued = Csr(Request, status: $$"""{"certificate":"{{Certificate}}"}""");
        Assert.Empty(Problems(issued, Csr(Request)));
        Assert.Empty(Problems(issued, issued));
        var other = Csr(Request, status: $$"""{"certificate":"{{Pem("CERTIFICATE", [4])}}"}""");
        Assert.Equal("status.certificate: Forbidden: updates may not modify existing certificate content", Assert.Single(Problems(other, issued)));
        Assert.Equal(
            "status.certificate: Invalid value: \"<certificate data>\": only CERTIFICATE PEM blocks are allowed, found \"PRIVATE KEY\"",
            Assert.Single(Problems(Csr(Request, status: $$"""{"certificate":"{{Pem("PRIVATE KEY", [4])}}"}"""), Csr(Request))));
    }

    private static JsonObject Csr(string request, string signer = "example.com/s", string usages = """["any"]""", string status = "{}") => JsonNode.Parse($$$"""
        {"apiVersion":"certificates.k8s.io/v1","kind":"CertificateSigningRequest","metadata":{"name":"c"},
         "spec":{"request":"{{{request}}}","signerName":"{{{signer}}}","usages":{{{usages}}}},"status":{{{status}}}}
        """)!.AsObject();

    private static string[] Problems(JsonObject obj, JsonObject? old = null) =>
        [.. ObjectValidation.ValidateKind(ResourceCatalog.BuiltIn[ResourceTypes.CertificateSigningRequests], obj, old).Select(cause => $"{cause.Field}: {cause.Message}")];

    private static byte[] Der()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=me", key, HashAlgorithmName.SHA256).CreateSigningRequest();
    }

    private static string Pem(string label, byte[] content) => Convert.ToBase64String(Encoding.ASCII.GetBytes(PemEncoding.WriteString(label, content)));
}
