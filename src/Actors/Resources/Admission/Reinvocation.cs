using System.Text.Json.Nodes;

namespace ActorOrchestrator.Actors.Resources.Admission;

/// <summary>
/// Webhooks and policies that change an object may change what others before them saw. When one did, the whole chain runs once more; of webhooks and
/// policies only those that asked for it (<c>reinvocationPolicy: IfNeeded</c>), were called before, and saw something else.
/// </summary>
public sealed class Reinvocation
{
    private readonly Dictionary<string, Invocations> _byPlugin = new(StringComparer.Ordinal);

    public bool IsSecondRound { get; private set; }

    public bool IsWanted { get; private set; }

    public void Want() => IsWanted = true;

    internal void BeginSecondRound()
    {
        IsSecondRound = true;
        IsWanted = false;
    }

    /// <summary>What one plugin called.</summary>
    internal Invocations Of(string plugin)
    {
        if (!_byPlugin.TryGetValue(plugin, out var found))
        {
            _byPlugin[plugin] = found = new Invocations(this);
        }

        return found;
    }

    internal sealed class Invocations(Reinvocation owner)
    {
        private readonly HashSet<object> _called = [];
        private readonly HashSet<object> _again = [];
        private JsonNode? _left;

        /// <summary>At the start of a round: whatever changed the object since this plugin had it last makes all of its callees see it again.</summary>
        public void Enter(JsonObject? obj)
        {
            if (owner.IsSecondRound && !JsonNode.DeepEquals(_left, obj))
            {
                Again();
            }
        }

        /// <summary>At the end of a round.</summary>
        public void Leave(JsonObject? obj)
        {
            if (!owner.IsSecondRound && _called.Count + _again.Count > 0)
            {
                _left = obj?.DeepClone();
            }
        }

        /// <summary>Whether it is this one's turn in this round: in the first it always is.</summary>
        public bool MayCall(object callee) => !owner.IsSecondRound || _again.Contains(callee);

        /// <param name="callee">Who was called.</param>
        /// <param name="changed">It changed the object.</param>
        /// <param name="reinvocable">It wants to hear of later changes.</param>
        public void Called(object callee, bool changed, bool reinvocable)
        {
            if (changed)
            {
                Again();
                owner.Want();
            }

            if (reinvocable)
            {
                _called.Add(callee);
            }
        }

        private void Again()
        {
            _again.UnionWith(_called);
            _called.Clear();
        }
    }
}
