using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Scheduling.Preemption;

/// <summary>What the PodDisruptionBudgets still allow. Preemption keeps to them where it can.</summary>
public sealed class DisruptionBudgets
{
    private readonly Dictionary<ObjectKey, Budget> _budgets = [];

    public bool IsEmpty => _budgets.Count == 0;

    public void Apply(StoredObject obj, bool deleted)
    {
        _budgets.Remove(obj.Key);
        if (!deleted)
        {
            _budgets[obj.Key] = Read(obj);
        }
    }

    /// <summary>Which of the pods, should they leave in this order, would break a budget (upstream's <c>filterPodsWithPDBViolation</c>).</summary>
    public bool[] Violations(IReadOnlyList<PodInfo> pods)
    {
        var violating = new bool[pods.Count];
        if (IsEmpty)
        {
            return violating;
        }

        var allowed = new Dictionary<ObjectKey, int>();
        for (var i = 0; i < pods.Count; i++)
        {
            foreach (var (key, budget) in _budgets)
            {
                if (key.Namespace != pods[i].Key.Namespace || pods[i].Labels.IsEmpty || budget.Selector.Requirements.IsEmpty
                    || !budget.Selector.Matches(pods[i].Labels) || budget.Disrupted.Contains(pods[i].Key.Name))
                {
                    continue;
                }

                var left = allowed.GetValueOrDefault(key, budget.Allowed) - 1;
                allowed[key] = left;
                violating[i] |= left < 0;
            }
        }

        return violating;
    }

    internal void CopyFrom(DisruptionBudgets other)
    {
        foreach (var (key, budget) in other._budgets)
        {
            _budgets[key] = budget;
        }
    }

    private static Budget Read(StoredObject obj)
    {
        using var document = JsonDocument.Parse(obj.Utf8);
        var selector = PodInfo.Object(PodInfo.Object(document.RootElement, "spec"), "selector");
        var status = PodInfo.Object(document.RootElement, "status");
        var allowed = PodInfo.Object(status, "disruptionsAllowed");
        var disrupted = PodInfo.Object(status, "disruptedPods");
        return new Budget(
            selector.ValueKind == JsonValueKind.Object ? LabelSelector.From(JsonObject.Create(selector)) : LabelSelector.Nothing,
            allowed.ValueKind == JsonValueKind.Number && allowed.TryGetInt32(out var number) ? number : 0,
            disrupted.ValueKind == JsonValueKind.Object ? [.. disrupted.EnumerateObject().Select(pod => pod.Name)] : []);
    }

    private sealed record Budget(LabelSelector Selector, int Allowed, HashSet<string> Disrupted);
}
