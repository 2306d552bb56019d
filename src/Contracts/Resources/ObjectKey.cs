namespace ActorOrchestrator.Contracts.Resources;

/// <summary>What kind of thing an object is in storage: its API group and plural. Versions are views of one stored object.</summary>
/// <param name="Group">The API group; empty for core.</param>
/// <param name="Plural">The lower-case plural, as in the URL.</param>
public readonly record struct ResourceType(string Group, string Plural) : IComparable<ResourceType>
{
    public int CompareTo(ResourceType other)
    {
        var byGroup = string.CompareOrdinal(Group, other.Group);
        return byGroup != 0 ? byGroup : string.CompareOrdinal(Plural, other.Plural);
    }

    /// <summary>Kubernetes' own writing: <c>pods</c>, <c>deployments.apps</c>.</summary>
    public override string ToString() => Group.Length == 0 ? Plural : $"{Plural}.{Group}";
}

/// <summary>The name of one object. <paramref name="Namespace"/> is empty for cluster-scoped kinds.</summary>
public readonly record struct ObjectKey(ResourceType Type, string Namespace, string Name) : IComparable<ObjectKey>
{
    public int CompareTo(ObjectKey other)
    {
        var byType = Type.CompareTo(other.Type);
        if (byType != 0)
        {
            return byType;
        }

        var byNamespace = string.CompareOrdinal(Namespace, other.Namespace);
        return byNamespace != 0 ? byNamespace : string.CompareOrdinal(Name, other.Name);
    }

    /// <summary><c>deployments.apps guestbook/web</c>.</summary>
    public override string ToString() => Namespace.Length == 0 ? $"{Type} {Name}" : $"{Type} {Namespace}/{Name}";
}
