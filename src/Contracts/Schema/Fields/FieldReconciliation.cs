namespace ActorOrchestrator.Contracts.Schema.Fields;

/// <summary>Brings a set that was written under an earlier schema in line with the schema of today.</summary>
public static class FieldReconciliation
{
    /// <summary>Whoever owned a part of what is atomic now owns the whole of it. What was atomic and is not any more is taken as it is.</summary>
    public static FieldSet Reconcile(FieldSet fields, ObjectSchema schema) => Reconcile(fields, TypeShape.Of(schema));

    internal static FieldSet Reconcile(FieldSet fields, TypeShape shape) => Changes(fields, shape) ? Rewrite(fields, shape) : fields;

    private static FieldSet Rewrite(FieldSet fields, TypeShape shape)
    {
        var level = default(FieldSet.Builder);
        foreach (var node in fields.Nodes)
        {
            var below = Below(shape, node.Element);
            if (IsFrozen(below, node))
            {
                level.Add(node.Element, isMember: true, FieldSet.Empty);
            }
            else
            {
                level.Add(node.Element, node.IsMember, Reconcile(node.Children, below));
            }
        }

        return level.Build();
    }

    private static bool Changes(FieldSet fields, TypeShape shape)
    {
        if (!shape.IsDeclared || shape.IsOpen)
        {
            return false;
        }

        foreach (var node in fields.Nodes)
        {
            var below = Below(shape, node.Element);
            if (IsFrozen(below, node) || Changes(node.Children, below))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsFrozen(TypeShape shape, FieldSet.Node node) =>
        shape.IsDeclared && !shape.IsOpen && !node.Children.IsEmpty && shape.StructureOf(null) == Structure.Atomic;

    private static TypeShape Below(TypeShape shape, PathElement element)
    {
        if (!shape.IsDeclared || shape.IsOpen)
        {
            return default;
        }

        var structure = shape.StructureOf(null);
        return element.FieldName is { } name
            ? (structure == Structure.Map ? shape.Field(name) : default)
            : structure == Structure.List ? shape.Items : default;
    }
}
