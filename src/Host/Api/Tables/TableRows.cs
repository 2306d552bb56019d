using System.Text.Json;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Resources.Metrics;
using k8s.Models;

namespace ActorOrchestrator.Host.Api.Tables;

/// <summary>What a row shows.</summary>
/// <param name="Cells">One a column of the descriptor, in its order: text, numbers, truth values, null.</param>
/// <param name="Completed">Why the row's object is finished, for clients that dim it; null while it is not.</param>
public sealed record TableRow(object?[] Cells, RowCompletion? Completed = null);

/// <summary>A <c>Completed</c> condition of a row.</summary>
public sealed record RowCompletion(string Reason, string Message);

/// <summary>
/// The cells of objects, as upstream's printers make them. Kinds with no printer of their own take each cell from their columns' paths, so that a
/// new kind needs columns and nothing else.
/// </summary>
public static class TableRows
{
    private delegate TableRow Printer(JsonElement obj, DateTimeOffset now);

    private static readonly Dictionary<Type, Printer> Printers = new()
    {
        [typeof(V1Pod)] = PodRows.Pod,
        [typeof(V1Deployment)] = WorkloadRows.Deployment,
        [typeof(V1ReplicaSet)] = WorkloadRows.ReplicaSet,
        [typeof(V1Service)] = ServiceRows.Service,
        [typeof(V1Endpoints)] = ServiceRows.Endpoints,
        [typeof(V1EndpointSlice)] = ServiceRows.EndpointSlice,
        [typeof(V1Node)] = ClusterRows.Node,
        [typeof(V1Namespace)] = ClusterRows.Namespace,
        [typeof(Corev1Event)] = ClusterRows.Event,
        [typeof(V1ConfigMap)] = ClusterRows.ConfigMap,
        [typeof(V1Secret)] = ClusterRows.Secret,
        [typeof(V1ServiceAccount)] = ClusterRows.ServiceAccount,
        [typeof(V1ResourceQuota)] = ClusterRows.ResourceQuota,
        [typeof(V1ComponentStatus)] = ClusterRows.ComponentStatus,
        [typeof(Eventsv1Event)] = ClusterRows.EventsEvent,
        [typeof(V1PodTemplate)] = WorkloadRows.PodTemplate,
        [typeof(V1ReplicationController)] = WorkloadRows.ReplicationController,
        [typeof(V1StatefulSet)] = WorkloadRows.StatefulSet,
        [typeof(V1DaemonSet)] = WorkloadRows.DaemonSet,
        [typeof(V1ControllerRevision)] = WorkloadRows.ControllerRevision,
        [typeof(V1Job)] = WorkloadRows.Job,
        [typeof(V1CronJob)] = WorkloadRows.CronJob,
        [typeof(V1PodDisruptionBudget)] = WorkloadRows.PodDisruptionBudget,
        [typeof(V1HorizontalPodAutoscaler)] = AutoscalingRows.V1,
        [typeof(V2HorizontalPodAutoscaler)] = AutoscalingRows.V2,
        [typeof(V1PersistentVolume)] = StorageRows.PersistentVolume,
        [typeof(V1PersistentVolumeClaim)] = StorageRows.PersistentVolumeClaim,
        [typeof(V1StorageClass)] = StorageRows.StorageClass,
        [typeof(V1VolumeAttachment)] = StorageRows.VolumeAttachment,
        [typeof(V1VolumeAttributesClass)] = StorageRows.VolumeAttributesClass,
        [typeof(V1CSIDriver)] = StorageRows.CsiDriver,
        [typeof(V1CSINode)] = StorageRows.CsiNode,
        [typeof(V1CSIStorageCapacity)] = StorageRows.CsiStorageCapacity,
        [typeof(V1Ingress)] = NetworkingRows.Ingress,
        [typeof(V1IngressClass)] = NetworkingRows.IngressClass,
        [typeof(V1NetworkPolicy)] = NetworkingRows.NetworkPolicy,
        [typeof(V1IPAddress)] = NetworkingRows.IpAddress,
        [typeof(V1ServiceCIDR)] = NetworkingRows.ServiceCidr,
        [typeof(V1RoleBinding)] = AccessRows.RoleBinding,
        [typeof(V1ClusterRoleBinding)] = AccessRows.RoleBinding,
        [typeof(V1CertificateSigningRequest)] = AccessRows.CertificateSigningRequest,
        [typeof(V1ClusterTrustBundle)] = AccessRows.ClusterTrustBundle,
        [typeof(V1PodCertificateRequest)] = AccessRows.PodCertificateRequest,
        [typeof(V1ValidatingWebhookConfiguration)] = ExtensionRows.Webhooks,
        [typeof(V1MutatingWebhookConfiguration)] = ExtensionRows.Webhooks,
        [typeof(V1ValidatingAdmissionPolicy)] = ExtensionRows.ValidatingPolicy,
        [typeof(V1MutatingAdmissionPolicy)] = ExtensionRows.MutatingPolicy,
        [typeof(V1ValidatingAdmissionPolicyBinding)] = ExtensionRows.PolicyBinding,
        [typeof(V1MutatingAdmissionPolicyBinding)] = ExtensionRows.PolicyBinding,
        [typeof(V1APIService)] = ExtensionRows.ApiService,
        [typeof(V1FlowSchema)] = ExtensionRows.FlowSchema,
        [typeof(V1PriorityLevelConfiguration)] = ExtensionRows.PriorityLevel,
        [typeof(V1PriorityClass)] = ExtensionRows.PriorityClass,
        [typeof(V1RuntimeClass)] = ExtensionRows.RuntimeClass,
        [typeof(V1Lease)] = ExtensionRows.Lease,
        [typeof(V1DeviceTaintRule)] = ExtensionRows.DeviceTaintRule,
        [typeof(Resourcev1ResourceClaim)] = ExtensionRows.ResourceClaim,
        [typeof(V1ResourceSlice)] = ExtensionRows.ResourceSlice,
        [typeof(V1beta1NodeMetrics)] = MetricsRows.Node,
        [typeof(V1beta1PodMetrics)] = MetricsRows.Pod,
    };

    public static TableRow Of(ResourceDescriptor descriptor, StoredObject obj, DateTimeOffset now)
    {
        using var document = JsonDocument.Parse(obj.Utf8);
        return descriptor.Custom is not null ? CustomRows.Row(descriptor, document.RootElement, now)
            : Printers.TryGetValue(descriptor.Model!, out var printer)
            ? printer(document.RootElement, now)
            : new TableRow([.. descriptor.Columns.Select(column => ByPath(document.RootElement, column, now))]);
    }

    /// <summary>Rows stand in the order of their names; FlowSchemas stand in the order in which they are tried.</summary>
    public static IEnumerable<StoredObject> Ordered(ResourceDescriptor descriptor, IReadOnlyList<StoredObject> objects) =>
        descriptor.Model == typeof(V1FlowSchema) && objects.Count > 1 ? objects.OrderBy(Precedence) : objects;

    /// <summary>Writes the members <c>cells</c> and, for a finished object, <c>conditions</c> of a row that the caller has opened.</summary>
    public static void Write(Utf8JsonWriter writer, TableRow row)
    {
        writer.WriteStartArray("cells");
        foreach (var cell in row.Cells)
        {
            switch (cell)
            {
                case string text: writer.WriteStringValue(text); break;
                case bool flag: writer.WriteBooleanValue(flag); break;
                case long number: writer.WriteNumberValue(number); break;
                case double number: writer.WriteNumberValue(number); break;
                case null: writer.WriteNullValue(); break;
                default: throw new InvalidOperationException($"A cell of type {cell.GetType()} has no JSON form.");
            }
        }

        writer.WriteEndArray();
        if (row.Completed is { } completed)
        {
            writer.WriteStartArray("conditions");
            writer.WriteStartObject();
            writer.WriteString("type", "Completed");
            writer.WriteString("status", "True");
            writer.WriteString("reason", completed.Reason);
            writer.WriteString("message", completed.Message);
            writer.WriteEndObject();
            writer.WriteEndArray();
        }
    }

    internal static string Name(JsonElement obj) => obj.At("metadata").Text("name");

    internal static string Age(JsonElement obj, DateTimeOffset now) => HumanDuration.Since(obj.At("metadata").Time("creationTimestamp"), now);

    private static long Precedence(StoredObject schema)
    {
        using var document = JsonDocument.Parse(schema.Utf8);
        return document.RootElement.At("spec").Number("matchingPrecedence");
    }

    private static object ByPath(JsonElement obj, PrinterColumn column, DateTimeOffset now)
    {
        if (column.Path is null)
        {
            return column.Format == "name" ? Name(obj) : Age(obj, now);
        }

        var value = column.Path.Split('.', StringSplitOptions.RemoveEmptyEntries).Aggregate(obj, (element, step) => element.At(step));
        return value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Number when value.TryGetInt64(out var number) => number,
            JsonValueKind.Undefined or JsonValueKind.Null => "",
            _ => value.GetRawText(),
        };
    }
}
