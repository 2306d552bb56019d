using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Ledger;

/// <summary>
/// The objects of one type in (namespace, name) order: a persistent B+ tree. A change copies one leaf and the branches
/// above it, so that every past tree stays whole and costs only what differs; a list walks arrays.
/// </summary>
internal sealed class ObjectTree
{
    /// <summary>Items of a leaf and children of a branch. Larger makes lists faster and changes dearer.</summary>
    private const int Width = 32;

    public static readonly ObjectTree Empty = new(null, 0);

    private readonly Node? _root;

    private ObjectTree(Node? root, int count)
    {
        _root = root;
        Count = count;
    }

    public int Count { get; }

    public StoredObject? Find(string @namespace, string name)
    {
        var node = _root;
        while (node is Branch branch)
        {
            node = branch.Children[branch.ChildOf(@namespace, name)];
        }

        if (node is not Leaf leaf)
        {
            return null;
        }

        var at = leaf.LowerBound(@namespace, name, out var found);
        return found ? leaf.Items[at] : null;
    }

    /// <summary>The tree with an object put in, in the place of the one with the same name.</summary>
    public ObjectTree Set(StoredObject item)
    {
        if (_root is null)
        {
            return new ObjectTree(new Leaf([item]), 1);
        }

        var (left, right, low, added) = _root.Set(item);
        var root = right is null ? left : new Branch([left, right], [default, low]);
        return new ObjectTree(root, added ? Count + 1 : Count);
    }

    public ObjectTree Remove(string @namespace, string name)
    {
        if (_root is null)
        {
            return this;
        }

        var root = _root.Remove(@namespace, name);
        if (ReferenceEquals(root, _root))
        {
            return this;
        }

        while (root is Branch { Children.Length: 1 } branch)
        {
            root = branch.Children[0];
        }

        return root is null ? Empty : new ObjectTree(root, Count - 1);
    }

    public IEnumerable<StoredObject> All() => From("", "", inclusive: true);

    /// <summary>Everything from a name on, in order. The name need not exist.</summary>
    public IEnumerable<StoredObject> From(string @namespace, string name, bool inclusive)
    {
        if (_root is null)
        {
            yield break;
        }

        var path = new Stack<(Branch Branch, int Child)>();
        var node = _root;
        while (node is Branch branch)
        {
            var child = branch.ChildOf(@namespace, name);
            path.Push((branch, child));
            node = branch.Children[child];
        }

        var leaf = (Leaf)node;
        var at = leaf.LowerBound(@namespace, name, out var found);
        if (found && !inclusive)
        {
            at++;
        }

        while (true)
        {
            for (; at < leaf.Items.Length; at++)
            {
                yield return leaf.Items[at];
            }

            if (NextLeaf(path) is not { } next)
            {
                yield break;
            }

            leaf = next;
            at = 0;
        }
    }

    private static Leaf? NextLeaf(Stack<(Branch Branch, int Child)> path)
    {
        while (path.TryPop(out var step))
        {
            if (step.Child + 1 == step.Branch.Children.Length)
            {
                continue;
            }

            path.Push((step.Branch, step.Child + 1));
            var node = step.Branch.Children[step.Child + 1];
            while (node is Branch branch)
            {
                path.Push((branch, 0));
                node = branch.Children[0];
            }

            return (Leaf)node;
        }

        return null;
    }

    private static int Compare(string @namespace, string name, string otherNamespace, string otherName)
    {
        var byNamespace = string.CompareOrdinal(@namespace, otherNamespace);
        return byNamespace != 0 ? byNamespace : string.CompareOrdinal(name, otherName);
    }

    private readonly record struct Low(string Namespace, string Name);

    private readonly record struct Change(Node Left, Node? Right, Low Low, bool Added);

    private abstract class Node
    {
        public abstract int Size { get; }

        /// <summary>One node, or two and the lowest name of the right one.</summary>
        public abstract Change Set(StoredObject item);

        /// <summary>Null when nothing is left; the same node when the name is not there.</summary>
        public abstract Node? Remove(string @namespace, string name);

        public abstract Node Join(Node right, Low low);
    }

    private sealed class Leaf(StoredObject[] items) : Node
    {
        public readonly StoredObject[] Items = items;

        public override int Size => Items.Length;

        public int LowerBound(string @namespace, string name, out bool found)
        {
            int low = 0, high = Items.Length - 1;
            while (low <= high)
            {
                var middle = (low + high) >>> 1;
                var key = Items[middle].Key;
                var order = Compare(key.Namespace, key.Name, @namespace, name);
                if (order == 0)
                {
                    found = true;
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

            found = false;
            return low;
        }

        public override Change Set(StoredObject item)
        {
            var at = LowerBound(item.Key.Namespace, item.Key.Name, out var found);
            if (found)
            {
                var copy = (StoredObject[])Items.Clone();
                copy[at] = item;
                return new Change(new Leaf(copy), null, default, false);
            }

            if (Items.Length < Width)
            {
                return new Change(new Leaf(Inserted(Items, at, item)), null, default, true);
            }

            // A full leaf that grows at its end is split there: names that only ever rise then fill their leaves.
            var cut = at == Items.Length ? Items.Length : Items.Length / 2;
            var left = Items[..cut];
            var right = Items[cut..];
            if (at < cut || (at == cut && right.Length > 0))
            {
                left = Inserted(left, at, item);
            }
            else
            {
                right = Inserted(right, at - cut, item);
            }

            return new Change(new Leaf(left), new Leaf(right), LowOf(right[0]), true);
        }

        public override Node? Remove(string @namespace, string name)
        {
            var at = LowerBound(@namespace, name, out var found);
            return !found ? this : Items.Length == 1 ? null : new Leaf(Without(Items, at));
        }

        public override Node Join(Node right, Low low) => new Leaf([.. Items, .. ((Leaf)right).Items]);

        private static Low LowOf(StoredObject item) => new(item.Key.Namespace, item.Key.Name);
    }

    /// <param name="children">At least one.</param>
    /// <param name="lows">For each child but the first: a name that is above all to its left and not above any of its own.</param>
    private sealed class Branch(Node[] children, Low[] lows) : Node
    {
        public readonly Node[] Children = children;
        private readonly Low[] _lows = lows;

        public override int Size => Children.Length;

        public int ChildOf(string @namespace, string name)
        {
            int low = 1, high = _lows.Length - 1;
            while (low <= high)
            {
                var middle = (low + high) >>> 1;
                if (Compare(_lows[middle].Namespace, _lows[middle].Name, @namespace, name) <= 0)
                {
                    low = middle + 1;
                }
                else
                {
                    high = middle - 1;
                }
            }

            return high;
        }

        public override Change Set(StoredObject item)
        {
            var at = ChildOf(item.Key.Namespace, item.Key.Name);
            var change = Children[at].Set(item);
            var children = (Node[])Children.Clone();
            children[at] = change.Left;
            if (change.Right is null)
            {
                return new Change(new Branch(children, _lows), null, default, change.Added);
            }

            children = Inserted(children, at + 1, change.Right);
            var lows = Inserted(_lows, at + 1, change.Low);
            if (children.Length <= Width)
            {
                return new Change(new Branch(children, lows), null, default, change.Added);
            }

            var cut = at + 2 == children.Length ? children.Length - 1 : children.Length / 2;
            return new Change(new Branch(children[..cut], lows[..cut]), new Branch(children[cut..], lows[cut..]), lows[cut], change.Added);
        }

        public override Node? Remove(string @namespace, string name)
        {
            var at = ChildOf(@namespace, name);
            var child = Children[at].Remove(@namespace, name);
            if (ReferenceEquals(child, Children[at]))
            {
                return this;
            }

            if (child is null)
            {
                return Children.Length == 1 ? null : new Branch(Without(Children, at), Without(_lows, at));
            }

            var children = (Node[])Children.Clone();
            children[at] = child;
            return child.Size < Width / 4 ? JoinAround(children, at) : new Branch(children, _lows);
        }

        public override Node Join(Node right, Low low)
        {
            var other = (Branch)right;
            Low[] lows = [.. _lows, .. other._lows];
            lows[_lows.Length] = low;
            return new Branch([.. Children, .. other.Children], lows);
        }

        private Branch JoinAround(Node[] children, int at)
        {
            var left = at > 0 && children[at - 1].Size + children[at].Size <= Width ? at - 1 : at;
            if (left + 1 == children.Length || children[left].Size + children[left + 1].Size > Width)
            {
                return new Branch(children, _lows);
            }

            var joined = children[left].Join(children[left + 1], _lows[left + 1]);
            children = Without(children, left + 1);
            children[left] = joined;
            return new Branch(children, Without(_lows, left + 1));
        }
    }

    private static T[] Inserted<T>(T[] items, int at, T item)
    {
        var copy = new T[items.Length + 1];
        Array.Copy(items, copy, at);
        copy[at] = item;
        Array.Copy(items, at, copy, at + 1, items.Length - at);
        return copy;
    }

    private static T[] Without<T>(T[] items, int at)
    {
        var copy = new T[items.Length - 1];
        Array.Copy(items, copy, at);
        Array.Copy(items, at + 1, copy, at, items.Length - at - 1);
        return copy;
    }
}
