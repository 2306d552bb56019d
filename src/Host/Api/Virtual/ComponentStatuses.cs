using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api.Errors;
using ActorOrchestrator.Host.Api.Health;
using ActorOrchestrator.Host.Api.Resources;

namespace ActorOrchestrator.Host.Api.Virtual;

/// <summary>
/// What upstream's deprecated ComponentStatus tells, for tools that still ask. The components have upstream's names; here they are parts of one
/// process, which are well when the host is ready, and the store behind <c>etcd-0</c> is the ledger.
/// </summary>
internal sealed class ComponentStatuses(IReadiness readiness, ObjectResponse response, ListEndpoint lists) : IVirtualResource
{
    private static readonly string[] Components = ["controller-manager", "etcd-0", "scheduler"];

    public ResourceType Type => ResourceTypes.ComponentStatuses;

    public Task ServeAsync(in ApiRequest request, string verb)
    {
        var failures = readiness.Check().Where(check => check.Problem is not null).Select(check => $"{check.Name}: {check.Problem}").ToArray();
        if (verb == "get")
        {
            return Components.Contains(request.Path.Name)
                ? response.WriteAsync(request.Http, request.Descriptor, Status(request.Path.Name, failures), request.Format)
                : StatusWriter.WriteAsync(request.Http, ApiStatus.NotFound(request.Path.Key));
        }

        var labels = request.Labels();
        var fields = request.Fields();
        var items = Components.Select(name => Status(name, failures))
            .Where(status => (labels.IsEverything || labels.Matches(status.Metadata.Labels)) && (fields.IsEverything || fields.Matches(status))).ToList();
        return WriteListAsync(request, items);
    }

    private Task WriteListAsync(in ApiRequest request, List<StoredObject> items)
    {
        request.Http.Response.Headers.Append("Warning", "299 - \"v1 ComponentStatus is deprecated in v1.19+\"");
        return lists.WriteAsync(request, request.Format, new TablePage(items, Revision.None, "", null));
    }

    private static StoredObject Status(string name, string[] failures)
    {
        var condition = new JsonObject { ["type"] = "Healthy", ["status"] = failures.Length == 0 ? "True" : "False" };
        if (failures.Length == 0)
        {
            condition["message"] = "ok";
        }
        else
        {
            condition["error"] = string.Join("; ", failures);
        }

        var status = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ComponentStatus",
            ["metadata"] = new JsonObject { ["name"] = name },
            ["conditions"] = new JsonArray(condition),
        };
        var key = new ObjectKey(ResourceTypes.ComponentStatuses, "", name);
        return new StoredObject(key, "", Revision.None, JsonSerializer.SerializeToUtf8Bytes(status), []);
    }
}
