namespace ActorOrchestrator.Contracts.Resources.Catalog;

/// <summary>One column of the Table that a client asks for in place of objects (<c>meta.k8s.io/v1 Table</c>).</summary>
/// <param name="Name">The heading.</param>
/// <param name="Type">An OpenAPI type: <c>string</c>, <c>integer</c>, <c>number</c>, <c>boolean</c>, <c>date</c>.</param>
/// <param name="Format">An OpenAPI format; <c>name</c> marks the column that identifies the row.</param>
/// <param name="Description">For a reader of the column's meaning; empty where <paramref name="Documentation"/> says it.</param>
/// <param name="Priority">0 is always shown, more only in the wide form.</param>
/// <param name="Path">A simple JSON path (<c>.spec.holderIdentity</c>) when the cell is nothing but a field; null when the kind's own renderer makes the cell.</param>
/// <param name="Documentation">The field whose documentation is the column's description.</param>
public sealed record PrinterColumn(
    string Name, string Type, string Format, string Description, int Priority, string? Path = null, DocumentedField? Documentation = null);

/// <summary>A field of a model by its JSON name, for its documentation.</summary>
public sealed record DocumentedField(Type Model, string Field);
