namespace ActorOrchestrator.Contracts.Resources;

/// <summary>Keeps what was read from an object's bytes for as long as the object is kept, so that each revision is read once however many ask.</summary>
/// <remarks>A cache itself is to live as long as the process: what it made stays on the objects.</remarks>
public sealed class ViewCache<T>(Func<StoredObject, T> read)
    where T : class
{
    public T this[StoredObject stored] => stored.ViewOf(this, read);
}
