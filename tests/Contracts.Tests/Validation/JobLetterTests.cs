using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Validation;

namespace ActorOrchestrator.Contracts.Tests.Validation;

/// <summary>What of a Job's status and of a CronJob is refused, in upstream's words and at its paths.</summary>
public class JobLetterTests
{
    private const string Began = """ "startTime":"2026-01-01T00:00:00Z" """;
    private const string Ended = """ "completionTime":"2026-01-01T00:01:00Z" """;

    [Theory]
    [InlineData("", "", "")]
    [InlineData("", "", """ "active":2,"ready":1,"terminating":1,"uncountedTerminatedPods":{"succeeded":["a"],"failed":["b"]}""")]
    [InlineData("", "", """ "active":-1 """, "status.active: Invalid value: -1: must be greater than or equal to 0")]
    [InlineData("", "", """ "uncountedTerminatedPods":{"succeeded":["a","a"],"failed":["a",""]}""", "status.uncountedTerminatedPods.succeeded[1]: Duplicate value: \"a\"", "status.uncountedTerminatedPods.failed[0]: Duplicate value: \"a\"", "status.uncountedTerminatedPods.failed[1]: Invalid value: \"\": must not be empty")]
    [InlineData("", "", """ "active":1,"ready":2 """, "status.ready: Invalid value: 2: cannot set more ready pods than active")]
    [InlineData("", """ "active":1,"ready":2 """, """ "active":1,"ready":2 """)]
    [InlineData("", "", Began + "," + Ended + "," + """ "conditions":[SuccessCriteriaMet,Complete]""")]
    [InlineData("", "", Began + "," + """ "conditions":[SuccessCriteriaMet,Complete]""", "status.completionTime: Required value: completionTime is required for Complete jobs")]
    [InlineData("", "", Began + "," + Ended, "status.completionTime: Invalid value: \"2026-01-01T00:01:00Z\": cannot set completionTime when there is no Complete=True condition")]
    [InlineData("", "", Ended + "," + """ "startTime":"2026-01-01T00:02:00Z","conditions":[SuccessCriteriaMet,Complete]""", "status.completionTime: Invalid value: \"2026-01-01T00:01:00Z\": completionTime cannot be set before startTime")]
    [InlineData("", "", Began + "," + Ended + "," + """ "conditions":[Complete]""", "status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition")]
    [InlineData("", "", Began + "," + """ "conditions":[Failed]""", "status.conditions: Invalid value: cannot set Failed=True condition without the FailureTarget=true condition")]
    [InlineData("", "", """ "active":1,"terminating":2,"uncountedTerminatedPods":{"failed":["a"]},"conditions":[FailureTarget,Failed]""", "status.active: Invalid value: 1: active>0 is invalid for finished job", "status.startTime: Required value: startTime is required for finished job", "status.uncountedTerminatedPods: Invalid value: {\"failed\":[\"a\"]}: uncountedTerminatedPods needs to be empty for finished job", "status.terminating: Invalid value: 2: terminating>0 is invalid for finished job")]
    [InlineData("", "", """ "conditions":[SuccessCriteriaMet,FailureTarget]""", "status.conditions: Invalid value: cannot set SuccessCriteriaMet=True and FailureTarget=true conditions")]
    [InlineData("", "", """ "completedIndexes":"0" """, "status.completedIndexes: Invalid value: \"0\": cannot set non-empty completedIndexes when non-indexed completion mode")]
    [InlineData(""" "completionMode":"Indexed","completions":3,""", "", """ "completedIndexes":"0,3" """, "status.completedIndexes: Invalid value: \"0,3\": error parsing completedIndexes: too large index: \"3\"")]
    [InlineData(""" "completionMode":"Indexed","completions":3,""", "", """ "failedIndexes":"0" """, "status.failedIndexes: Invalid value: \"0\": cannot set non-null failedIndexes when backoffLimitPerIndex is null")]
    [InlineData(""" "completionMode":"Indexed","completions":9,"backoffLimitPerIndex":1,""", "", """ "completedIndexes":"0,2-4","failedIndexes":"1,4-6" """, "status.failedIndexes: Invalid value: \"1,4-6\": failedIndexes and completedIndexes overlap at index: 4")]
    [InlineData(""" "completionMode":"Indexed","completions":9,"backoffLimitPerIndex":1,""", "", """ "completedIndexes":"0,2-4","failedIndexes":"1,5-6" """)]
    [InlineData("", """ "succeeded":2,"failed":2 """, """ "succeeded":1,"failed":1 """, "status.failed: Invalid value: 1: cannot decrease the failed counter", "status.succeeded: Invalid value: 1: cannot decrease the succeeded counter")]
    [InlineData(""" "completionMode":"Indexed","completions":1,"parallelism":1,""", """ "succeeded":2 """, """ "succeeded":1 """)]
    [InlineData("", """ "conditions":[FailureTarget]""", "", "status.conditions: Invalid value: cannot disable the terminal FailureTarget=True condition")]
    [InlineData("", """ "conditions":[SuccessCriteriaMet]""", "", "status.conditions: Invalid value: cannot disable the SuccessCriteriaMet=True condition")]
    [InlineData("", Began, "", "status.startTime: Required value: startTime cannot be removed for unsuspended job")]
    [InlineData(""" "suspend":true,""", Began, "")]
    public void A_jobs_status_changes_only_so_far(string spec, string before, string status, params string[] problems)
    {
        var descriptor = ResourceCatalog.BuiltIn.All.First(candidate => candidate.Plural == "jobs");
        Assert.Equal(
            problems,
            ObjectValidation.ValidateKind(descriptor, Job(spec, status), Job(spec, before), "status").Select(cause => $"{cause.Field}: {cause.Message}"));
    }

    [Theory]
    [InlineData(""" "schedule":"@every 1h30m" """, "")]
    [InlineData(""" "schedule":"@every soon" """, "", "spec.schedule: Invalid value: \"@every soon\": failed to parse duration @every soon: time: invalid duration \"soon\"")]
    [InlineData(""" "schedule":"TZ=UTC 0 0 * * *" """, "", "spec.schedule: Invalid value: \"TZ=UTC 0 0 * * *\": cannot use TZ or CRON_TZ in schedule, use timeZone field instead")]
    [InlineData(""" "schedule":"TZ=UTC 1 0 * * *" """, """ "schedule":"TZ=UTC 0 0 * * *" """)]
    [InlineData(""" "schedule":"TZ=UTC 1 0 * * *","timeZone":"UTC" """, """ "schedule":"TZ=UTC 0 0 * * *" """, "spec.schedule: Invalid value: \"TZ=UTC 1 0 * * *\": cannot use both timeZone field and TZ or CRON_TZ in schedule")]
    [InlineData(""" "schedule":"0 0 * * *","timeZone":"W. Europe Standard Time" """, "", "spec.timeZone: Invalid value: \"W. Europe Standard Time\": unknown time zone W. Europe Standard Time")]
    [InlineData(""" "schedule":"0 0 * * *","timeZone":"../UTC" """, "", "spec.timeZone: Invalid value: \"../UTC\": unknown time zone ../UTC")]
    [InlineData(""" "schedule":"0 0 * * *","timeZone":"local" """, "", "spec.timeZone: Invalid value: \"local\": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones")]
    public void Schedules_are_refused(string spec, string before, params string[] problems)
    {
        var descriptor = ResourceCatalog.BuiltIn.All.First(candidate => candidate.Plural == "cronjobs");
        Assert.Equal(
            problems,
            ObjectValidation.ValidateKind(descriptor, CronJob(spec), before.Length == 0 ? null : CronJob(before)).Select(cause => $"{cause.Field}: {cause.Message}"));
    }

    [Fact]
    public void Labels_that_select_a_jobs_own_pods_stay_also_while_it_may_be_moved()
    {
        var descriptor = ResourceCatalog.BuiltIn.All.First(candidate => candidate.Plural == "jobs");
        const string Labels = """ "controller-uid":"u","job-name":"x","batch.kubernetes.io/controller-uid":"u","batch.kubernetes.io/job-name":"x" """;
        var before = Generated(Labels);
        Assert.Empty(ObjectValidation.ValidateKind(descriptor, Generated(Labels + ""","more":"ok" """), before));
        Assert.Equal(
            "spec.template.metadata.labels[job-name]",
            Assert.Single(ObjectValidation.ValidateKind(descriptor, Generated(Labels.Replace("\"job-name\":\"x\",", "", StringComparison.Ordinal)), before)).Field);
    }

    [Theory]
    [InlineData("90s", 90_000)]
    [InlineData("1h2m3.5s", 3_723_500)]
    [InlineData("2m1h", 3_720_000)]
    [InlineData("-1.5s", -1_500)]
    [InlineData(".5s", 500)]
    [InlineData("1500us500µs", 2)]
    [InlineData("0", 0)]
    [InlineData("", null)]
    [InlineData("1", null)]
    [InlineData("1d", null)]
    [InlineData("-", null)]
    [InlineData("99999999999999h", null)]
    public void Durations_are_read_as_go_reads_them(string text, int? milliseconds) =>
        Assert.Equal(milliseconds is { } expected ? TimeSpan.FromMilliseconds(expected) : null, GoDuration.Read(text));

    private const string Pod = """ "restartPolicy":"Never","dnsPolicy":"ClusterFirst","containers":[{"name":"c","image":"i","imagePullPolicy":"Always","terminationMessagePolicy":"File"}] """;

    private static JsonObject Job(string spec, string status)
    {
        foreach (var condition in (string[])["SuccessCriteriaMet", "Complete", "FailureTarget", "Failed"])
        {
            status = System.Text.RegularExpressions.Regex.Replace(status, $@"(?<=[\[,]){condition}(?=[\],])", $$"""{"type":"{{condition}}","status":"True"}""");
        }

        return JsonNode.Parse($$$"""{"metadata":{"name":"x","uid":"u","namespace":"n"},"spec":{{{{spec}}}"template":{}},"status":{{{{status}}}}}""")!.AsObject();
    }

    private static JsonObject Generated(string labels) => JsonNode.Parse(
        $$$"""{"metadata":{"name":"x","uid":"u","namespace":"n"},"spec":{"suspend":true,"selector":{"matchLabels":{"batch.kubernetes.io/controller-uid":"u"}},"template":{"metadata":{"labels":{{{{labels}}}} },"spec":{{{{Pod}}}} } } }""")!.AsObject();

    private static JsonObject CronJob(string spec) => JsonNode.Parse(
        $$$"""{"metadata":{"name":"x","uid":"u","namespace":"n"},"spec":{{{{spec}}},"concurrencyPolicy":"Allow","jobTemplate":{"spec":{"template":{"spec":{{{{Pod}}}} } } } } }""")!.AsObject();
}
