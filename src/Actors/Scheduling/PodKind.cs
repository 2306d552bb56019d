using System.Globalization;
using System.Text;

namespace ActorOrchestrator.Actors.Scheduling;

/// <summary>Writes down everything of a pod that a node's own answer depends on. Every text goes in with its length, so that no two kinds read alike.</summary>
internal static class PodKind
{
    public static string Of(PodInfo pod)
    {
        var text = new StringBuilder();
        Add(text, pod.SchedulerName);
        Add(text, pod.NodeName);
        text.Append(CultureInfo.InvariantCulture, $"{pod.Priority},{pod.Requests.MilliCpu},{pod.Requests.Memory},{pod.Requests.EphemeralStorage},");
        foreach (var (name, amount) in pod.Requests.Extended)
        {
            Add(text, name);
            text.Append(CultureInfo.InvariantCulture, $"{amount},");
        }

        text.Append('|');
        foreach (var port in pod.HostPorts)
        {
            Add(text, port.Address);
            Add(text, port.Protocol);
            text.Append(CultureInfo.InvariantCulture, $"{port.Port},");
        }

        text.Append('|');
        foreach (var (key, value) in pod.NodeSelector)
        {
            Add(text, key);
            Add(text, value);
        }

        text.Append('|');
        foreach (var term in pod.RequiredNodeTerms.IsDefault ? [] : pod.RequiredNodeTerms)
        {
            text.Append('(');
            Add(text, term.Labels);
            text.Append(';');
            Add(text, term.Fields);
        }

        text.Append(pod.RequiredNodeTerms.IsDefault ? '|' : '!');
        foreach (var toleration in pod.Tolerations)
        {
            Add(text, toleration.Key);
            Add(text, toleration.Operator);
            Add(text, toleration.Value);
            Add(text, toleration.Effect);
        }

        return text.ToString();
    }

    private static void Add(StringBuilder text, IEnumerable<NodeRequirement> requirements)
    {
        foreach (var requirement in requirements)
        {
            Add(text, requirement.Key);
            Add(text, requirement.Operator);
            text.Append(CultureInfo.InvariantCulture, $"{requirement.Values.Length},");
            foreach (var value in requirement.Values)
            {
                Add(text, value);
            }
        }
    }

    private static void Add(StringBuilder text, string value) => text.Append(CultureInfo.InvariantCulture, $"{value.Length}:").Append(value);
}
