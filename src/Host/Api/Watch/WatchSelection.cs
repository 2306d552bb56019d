using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api.Resources;

namespace ActorOrchestrator.Host.Api.Watch;

/// <summary>
/// What a watcher sees of a fact. Through a selector an object that begins to match is ADDED and one that ceases to is DELETED,
/// whatever happened to it in truth.
/// </summary>
internal sealed class WatchSelection
{
    private readonly string _namespace;
    private readonly string _name;
    private readonly LabelSelector _labels;

    public WatchSelection(in ApiRequest request)
    {
        _namespace = request.Path.Namespace;
        _name = request.Path.Name;
        _labels = request.Labels();
        Fields = request.Fields();
        ByView = ListEndpoint.SelectsByView(request.Descriptor, Fields);
    }

    public FieldSelector Fields { get; }

    /// <summary>What it is asked of must be in the version of the watch.</summary>
    public bool ByView { get; }

    public bool Includes(StoredObject obj) =>
        (_namespace.Length == 0 || obj.Key.Namespace == _namespace)
        && (_name.Length == 0 || obj.Key.Name == _name)
        && (_labels.IsEverything || _labels.Matches(obj.Metadata.Labels))
        && (Fields.IsEverything || Fields.Matches(obj));

    public void Write(Fact fact, WatchWriter writer)
    {
        if (_namespace.Length > 0 && fact.Key.Namespace != _namespace)
        {
            return;
        }

        var before = fact.Previous is not null && Includes(fact.Previous);
        switch (fact.Verb)
        {
            case FactVerb.Deleted:
                if (before || (fact.Previous is null && Includes(fact.Object)))
                {
                    writer.Event("DELETED"u8, fact.Object);
                }

                break;
            case var _ when Includes(fact.Object):
                writer.Event(before ? "MODIFIED"u8 : "ADDED"u8, fact.Object);
                break;
            case var _ when before:
                // The client knew the object as it was; it leaves at the revision at which it ceased to match.
                writer.Event("DELETED"u8, AtRevision(fact.Previous!, fact.Revision));
                break;
        }
    }

    private static StoredObject AtRevision(StoredObject obj, Revision revision) =>
        new(obj.Key, obj.Uid, revision, ObjectBody.From(obj.ToJson()).At(revision), obj.Claims);
}
