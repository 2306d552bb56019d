using System.Text.Json;

namespace ActorOrchestrator.Host.Api.Tables;

/// <summary>Roles, bindings and certificates.</summary>
internal static class AccessRows
{
    private const string None = "<none>";

    public static TableRow RoleBinding(JsonElement binding, DateTimeOffset now) => new(
    [
        TableRows.Name(binding), $"{binding.At("roleRef").Text("kind")}/{binding.At("roleRef").Text("name")}", TableRows.Age(binding, now),
        Subjects(binding, "User"), Subjects(binding, "Group"), Subjects(binding, "ServiceAccount"),
    ]);

    public static TableRow CertificateSigningRequest(JsonElement request, DateTimeOffset now)
    {
        var spec = request.At("spec");
        return new TableRow(
        [
            TableRows.Name(request), TableRows.Age(request, now), spec.Text("signerName").Or(None), spec.Text("username"),
            spec.At("expirationSeconds").Exists() ? HumanDuration.Format(TimeSpan.FromSeconds(spec.Number("expirationSeconds"))) : None,
            Condition(request),
        ]);
    }

    public static TableRow ClusterTrustBundle(JsonElement bundle, DateTimeOffset now) =>
        new([TableRows.Name(bundle), bundle.At("spec").Text("signerName").Or(None)]);

    public static TableRow PodCertificateRequest(JsonElement request, DateTimeOffset now)
    {
        var spec = request.At("spec");
        var state = request.At("status").Items("conditions").Select(condition => condition.Text("type")).LastOrDefault(type => type is "Issued" or "Denied" or "Failed");
        return new TableRow(
        [
            TableRows.Name(request), spec.Text("podName"), spec.Text("serviceAccountName"), spec.Text("nodeName"), spec.Text("signerName"),
            state ?? "Pending",
        ]);
    }

    private static string Condition(JsonElement request)
    {
        var types = request.At("status").Items("conditions").Select(condition => condition.Text("type")).ToHashSet();
        var word = types.Contains("Denied") ? "Denied" : types.Contains("Approved") ? "Approved" : "Pending";
        return word + (types.Contains("Failed") ? ",Failed" : "") + (request.At("status").Text("certificate").Length > 0 ? ",Issued" : "");
    }

    private static string Subjects(JsonElement binding, string kind) => string.Join(
        ", ",
        binding.Items("subjects").Where(subject => subject.Text("kind") == kind)
            .Select(subject => kind == "ServiceAccount" && subject.Text("namespace").Length > 0 ? $"{subject.Text("namespace")}/{subject.Text("name")}" : subject.Text("name")));
}
