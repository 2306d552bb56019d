namespace ActorOrchestrator.Actors.Resources.Expressions.Values;

/// <summary>Equality and order of values. Values of different types are unequal, but numbers are numbers.</summary>
internal static class Equality
{
    public static bool AreEqual(object? left, object? right) => (left, right) switch
    {
        (null, null) => true,
        (null, _) or (_, null) => false,
        (string a, string b) => string.Equals(a, b, StringComparison.Ordinal),
        (CelList a, CelList b) => ListsEqual(a, b),
        (CelMap a, CelMap b) => MapsEqual(a, b),
        (OptionalValue a, OptionalValue b) => a.HasValue == b.HasValue && (!a.HasValue || AreEqual(a.Value, b.Value)),
        (UrlValue a, UrlValue b) => a.Text == b.Text,
        (SemverValue a, SemverValue b) => a.CompareTo(b) == 0,
        (FormatValue a, FormatValue b) => a.Name == b.Name,
        _ when Numbers.Is(left) && Numbers.Is(right) => Numbers.Compare(left, right) == 0,
        _ => left.Equals(right),
    };

    /// <summary>Null when the two have no order between them.</summary>
    public static int? Compare(object? left, object? right) => (left, right) switch
    {
        (string a, string b) => CompareText(a, b),
        (bool a, bool b) => a.CompareTo(b),
        (ByteString a, ByteString b) => a.Bytes.AsSpan().SequenceCompareTo(b.Bytes),
        (DateTimeOffset a, DateTimeOffset b) => a.CompareTo(b),
        (TimeSpan a, TimeSpan b) => a.CompareTo(b),
        _ when Numbers.Is(left) && Numbers.Is(right) => Numbers.Compare(left!, right!),
        _ => null,
    };

    /// <summary>The concatenation that a list's own type asks for: a set takes only what is new, a map replaces by key.</summary>
    public static CelList Concat(CelList left, CelList right)
    {
        var declared = left.Declared;
        if (declared is null)
        {
            return new ValueList([.. left, .. right]);
        }

        var items = left.ToList();
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < items.Count; i++)
        {
            places.TryAdd(KeyOf(items[i], declared), i);
        }

        foreach (var item in right)
        {
            if (places.TryAdd(KeyOf(item, declared), items.Count))
            {
                items.Add(item);
            }
            else if (declared.ListSemantics == ListSemantics.Map)
            {
                items[places[KeyOf(item, declared)]] = item;
            }
        }

        return new ValueList(items, declared);
    }

    /// <summary>By code points, as UTF-8 bytes compare.</summary>
    private static int CompareText(string left, string right)
    {
        var common = left.AsSpan().CommonPrefixLength(right);
        if (common == left.Length || common == right.Length)
        {
            return left.Length.CompareTo(right.Length);
        }

        var (a, b) = (left[common], right[common]);
        return char.IsSurrogate(a) != char.IsSurrogate(b) ? (char.IsSurrogate(a) ? 1 : -1) : a.CompareTo(b);
    }

    private static bool ListsEqual(CelList left, CelList right)
    {
        if (left.Count != right.Count)
        {
            return false;
        }

        if ((left.Declared ?? right.Declared) is { } declared)
        {
            var others = new Dictionary<string, object?>(StringComparer.Ordinal);
            foreach (var item in right)
            {
                others[KeyOf(item, declared)] = item;
            }

            return others.Count == left.Select(item => KeyOf(item, declared)).Distinct(StringComparer.Ordinal).Count()
                && left.All(item => others.TryGetValue(KeyOf(item, declared), out var other) && AreEqual(item, other));
        }

        for (var i = 0; i < left.Count; i++)
        {
            if (!AreEqual(left[i], right[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>What tells an item from the others in a set (itself) or in a list with map keys (those).</summary>
    private static string KeyOf(object? item, ExpressionType declared)
    {
        if (declared.ListSemantics == ListSemantics.Set || item is not CelMap map)
        {
            return $"{(Numbers.Is(item) ? "number" : Values.TypeOf(item))} {Values.Display(item)}";
        }

        return string.Join('\0', declared.MapKeys.Select(key =>
            map.TryGet(IdentifierEscaping.Escape(key) ?? key, out var part) ? $"{Values.TypeOf(part)} {Values.Display(part)}" : ""));
    }

    private static bool MapsEqual(CelMap left, CelMap right)
    {
        if (left is JsonMap { Object: var a } && right is JsonMap { Object: var b } && ReferenceEquals(a, b))
        {
            return true;
        }

        return left.Count == right.Count
            && left.Keys.All(key => left.TryGet(key, out var mine) && right.TryGet(key, out var others) && AreEqual(mine, others));
    }
}
