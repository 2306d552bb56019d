using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace ActorOrchestrator.Contracts.Schema.Fields;

/// <summary>
/// A set of fields of an object, as a trie of path elements: what a field manager owns. A node may be a member itself, have members below it, or both;
/// no node has neither. Immutable; nodes stand in the order in which <c>fieldsV1</c> is written.
/// </summary>
public sealed class FieldSet : IEquatable<FieldSet>
{
    private readonly Node[] _nodes;

    private FieldSet(Node[] nodes) => _nodes = nodes;

    public static FieldSet Empty { get; } = new([]);

    public bool IsEmpty => _nodes.Length == 0;

    public ReadOnlySpan<Node> Nodes => _nodes;

    /// <summary>The number of members.</summary>
    public int Count
    {
        get
        {
            var count = 0;
            foreach (var node in _nodes)
            {
                count += (node.IsMember ? 1 : 0) + node.Children.Count;
            }

            return count;
        }
    }

    /// <summary>A set of a few paths. The empty path is nobody's and is left out.</summary>
    public static FieldSet Of(params IEnumerable<ImmutableArray<PathElement>> paths) =>
        paths.Aggregate(Empty, (set, path) => set.Union(Single(path.AsSpan())));

    /// <summary>A set of one path of field names.</summary>
    public static FieldSet OfFields(params ReadOnlySpan<string> names)
    {
        var set = Empty;
        for (var i = names.Length - 1; i >= 0; i--)
        {
            set = new FieldSet([new Node(PathElement.Field(names[i]), i == names.Length - 1, set)]);
        }

        return set;
    }

    public bool Contains(ReadOnlySpan<PathElement> path)
    {
        var set = this;
        for (var i = 0; i < path.Length; i++)
        {
            var at = set.Find(path[i]);
            if (at < 0)
            {
                return false;
            }

            if (i == path.Length - 1)
            {
                return set._nodes[at].IsMember;
            }

            set = set._nodes[at].Children;
        }

        return false;
    }

    public bool HasMember(PathElement element) => Find(element) is >= 0 and var at && _nodes[at].IsMember;

    /// <summary>The members below an element.</summary>
    public FieldSet Below(PathElement element) => Find(element) is >= 0 and var at ? _nodes[at].Children : Empty;

    public FieldSet Union(FieldSet other) => IsEmpty ? other : other.IsEmpty || ReferenceEquals(this, other) ? this : Zip(other, Either);

    public FieldSet Intersection(FieldSet other) => IsEmpty || other.IsEmpty ? Empty : Zip(other, Both);

    /// <summary>The members that are not members of the other. What stands below a removed member stays.</summary>
    public FieldSet Difference(FieldSet other) => IsEmpty || other.IsEmpty ? this : Zip(other, Without);

    /// <summary>As <see cref="Difference"/>, and what stands below a removed member goes with it.</summary>
    public FieldSet RecursiveDifference(FieldSet other) => IsEmpty || other.IsEmpty ? this : Zip(other, WithoutSubtree);

    /// <summary>The part of the set below some of its first elements.</summary>
    public FieldSet Where(Predicate<PathElement> first)
    {
        var kept = Array.FindAll(_nodes, node => first(node.Element));
        return kept.Length == _nodes.Length ? this : kept.Length == 0 ? Empty : new FieldSet(kept);
    }

    /// <summary>Every member's path; at each level the members come first, then what is below.</summary>
    public IEnumerable<ImmutableArray<PathElement>> Paths() => Paths([]);

    public bool Equals(FieldSet? other)
    {
        if (other is null || _nodes.Length != other._nodes.Length)
        {
            return false;
        }

        for (var i = 0; i < _nodes.Length; i++)
        {
            var (mine, theirs) = (_nodes[i], other._nodes[i]);
            if (mine.IsMember != theirs.IsMember || !mine.Element.Equals(theirs.Element) || !mine.Children.Equals(theirs.Children))
            {
                return false;
            }
        }

        return true;
    }

    public override bool Equals(object? obj) => Equals(obj as FieldSet);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var node in _nodes)
        {
            hash.Add(node.Element);
        }

        return hash.ToHashCode();
    }

    public override string ToString() => string.Join("\n", Paths().Select(Spell));

    public static string Spell(ImmutableArray<PathElement> path) => string.Concat(path.Select(element => element.ToString()));

    private static FieldSet Single(ReadOnlySpan<PathElement> path)
    {
        var set = Empty;
        for (var i = path.Length - 1; i >= 0; i--)
        {
            set = new FieldSet([new Node(path[i], i == path.Length - 1, set)]);
        }

        return set;
    }

    private IEnumerable<ImmutableArray<PathElement>> Paths(ImmutableArray<PathElement> prefix)
    {
        foreach (var node in _nodes.Where(node => node.IsMember))
        {
            yield return prefix.Add(node.Element);
        }

        foreach (var path in _nodes.SelectMany(node => node.Children.Paths(prefix.Add(node.Element))))
        {
            yield return path;
        }
    }

    private int Find(PathElement element)
    {
        int low = 0, high = _nodes.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >> 1;
            var order = _nodes[middle].Element.CompareTo(element);
            if (order == 0)
            {
                return middle;
            }

            if (order < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return -1;
    }

    private FieldSet Zip(FieldSet other, Func<Node, Node, Node> combine)
    {
        var result = new List<Node>(Math.Max(_nodes.Length, other._nodes.Length));
        int i = 0, j = 0;
        while (i < _nodes.Length || j < other._nodes.Length)
        {
            var order = i == _nodes.Length ? 1 : j == other._nodes.Length ? -1 : _nodes[i].Element.CompareTo(other._nodes[j].Element);
            var left = order <= 0 ? _nodes[i++] : default;
            var right = order >= 0 ? other._nodes[j++] : default;
            var element = order <= 0 ? left.Element : right.Element;
            var node = combine(order <= 0 ? left : Node.Nothing(element), order >= 0 ? right : Node.Nothing(element));
            if (node.IsMember || !node.Children.IsEmpty)
            {
                result.Add(node);
            }
        }

        return result.Count == 0 ? Empty : new FieldSet([.. result]);
    }

    private static Node Either(Node left, Node right) => new(left.Element, left.IsMember || right.IsMember, left.Children.Union(right.Children));

    private static Node Both(Node left, Node right) => new(left.Element, left.IsMember && right.IsMember, left.Children.Intersection(right.Children));

    private static Node Without(Node left, Node right) => new(left.Element, left.IsMember && !right.IsMember, left.Children.Difference(right.Children));

    private static Node WithoutSubtree(Node left, Node right) => right.IsMember
        ? Node.Nothing(left.Element)
        : new(left.Element, left.IsMember, left.Children.RecursiveDifference(right.Children));

    /// <param name="Element">The step.</param>
    /// <param name="IsMember">The field itself is in the set.</param>
    /// <param name="Children">What is in the set below it.</param>
    public readonly record struct Node(PathElement Element, bool IsMember, FieldSet Children)
    {
        internal static Node Nothing(PathElement element) => new(element, false, Empty);
    }

    /// <summary>Collects one level of a set, in any order, each element once.</summary>
    public struct Builder
    {
        private List<Node>? _nodes;

        public void Add(PathElement element, bool isMember, FieldSet children)
        {
            if (isMember || !children.IsEmpty)
            {
                (_nodes ??= []).Add(new Node(element, isMember, children));
            }
        }

        public readonly FieldSet Build()
        {
            if (_nodes is null)
            {
                return Empty;
            }

            CollectionsMarshal.AsSpan(_nodes).Sort(static (left, right) => left.Element.CompareTo(right.Element));
            return new FieldSet([.. _nodes]);
        }
    }
}
