using System.Runtime.CompilerServices;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Framework;

/// <summary>Keeps what was read from an object's bytes for as long as the object is kept, so that each revision is read once however many ask.</summary>
public sealed class ViewCache<T>(Func<StoredObject, T> read)
    where T : class
{
    private readonly ConditionalWeakTable<StoredObject, T> _views = [];
    private readonly ConditionalWeakTable<StoredObject, T>.CreateValueCallback _read = stored => read(stored);

    public T this[StoredObject stored] => _views.GetValue(stored, _read);
}
