using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Resources.Admission.Classes;

/// <summary>
/// The priority of a pod is a number by the time it is stored, and only one class is the default. The two system classes count even before their
/// objects are there.
/// </summary>
public sealed class PodPriority : IAdmissionPlugin
{
    private const string Preempts = "PreemptLowerPriority";
    private static readonly Standing None = new("", 0, Preempts, false);

    private readonly ViewCache<Standing> _classes = new(Standing.Of);

    public string Name => "Priority";

    private sealed record Standing(string Name, long Value, string Policy, bool IsDefault)
    {
        public static Standing Of(StoredObject stored)
        {
            var tree = stored.ToJson();
            return new Standing(stored.Key.Name, tree.Number("value") ?? 0, tree.Text("preemptionPolicy"), tree.Flag("globalDefault"));
        }
    }

    public ValueTask<ApiStatus?> MutateAsync(AdmissionRequest request, CancellationToken cancellation) => new(Admit(request));

    public ValueTask<ApiStatus?> ValidateAsync(AdmissionRequest request, CancellationToken cancellation) => new(Validate(request));

    private ApiStatus? Admit(AdmissionRequest request)
    {
        if (!NewPod.Is(request))
        {
            return null;
        }

        var spec = request.Object.Ensure("spec");
        var name = spec.Text("priorityClassName");
        if (Resolve(request, name) is not { } standing)
        {
            return ApiStatus.Forbidden(request.Key, $"no PriorityClass with name {name} was found");
        }

        if (spec.Number("priority") is { } given && given != standing.Value)
        {
            return ApiStatus.Forbidden(request.Key, $"the integer value of priority ({given}) must not be provided in pod spec; priority admission controller computed {standing.Value} from the given PriorityClass name");
        }

        if (standing.Name.Length > 0)
        {
            spec["priorityClassName"] = standing.Name;
        }

        spec["priority"] = standing.Value;
        if (standing.Policy.Length == 0)
        {
            return null;
        }

        if (spec.Text("preemptionPolicy") is { Length: > 0 } policy && policy != standing.Policy)
        {
            return ApiStatus.Forbidden(request.Key, $"the string value of PreemptionPolicy ({policy}) must not be provided in pod spec; priority admission controller computed {standing.Policy} from the given PriorityClass name");
        }

        spec["preemptionPolicy"] = standing.Policy;
        return null;
    }

    private Standing? Resolve(AdmissionRequest request, string name) =>
        name.Length == 0 ? Default(request)
        : request.Snapshot.Find(new ObjectKey(ResourceTypes.PriorityClasses, "", name)) is { } found ? _classes[found]
        : name == "system-cluster-critical" ? new Standing(name, 2_000_000_000, Preempts, false)
        : name == "system-node-critical" ? new Standing(name, 2_000_001_000, Preempts, false)
        : null;

    /// <summary>Of several defaults, which a race can leave behind, the lowest counts.</summary>
    private Standing Default(AdmissionRequest request)
    {
        var lowest = None;
        foreach (var stored in request.Snapshot.All(ResourceTypes.PriorityClasses))
        {
            var standing = _classes[stored];
            if (standing.IsDefault && (lowest == None || standing.Value < lowest.Value))
            {
                lowest = standing;
            }
        }

        return lowest;
    }

    private ApiStatus? Validate(AdmissionRequest request)
    {
        if (request.Key.Type != ResourceTypes.PriorityClasses || request.Operation == AdmissionOperation.Delete || !request.Object.Flag("globalDefault"))
        {
            return null;
        }

        var other = Default(request).Name;
        var mine = request.Object.Object("metadata").Text("name");
        return other.Length == 0 || (request.Operation == AdmissionOperation.Update && other == mine)
            ? null
            : ApiStatus.Forbidden(request.Key, $"PriorityClass {other} is already marked as default. Only one default can exist");
    }}
