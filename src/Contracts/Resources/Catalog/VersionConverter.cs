using System.Text.Json.Nodes;

namespace ActorOrchestrator.Contracts.Resources.Catalog;

/// <summary>
/// Between what is stored and a version that is served. A descriptor without one serves the stored bytes as they are. It works by the list and may wait,
/// because a user's own kinds are converted by a webhook. It owns the trees that it is handed and may answer with the same ones, changed. Names, namespaces, uids,
/// revisions and the number and order of the objects stay as they are.
/// </summary>
public abstract class VersionConverter
{
    /// <param name="objects">As they are stored, in whichever version each was stored.</param>
    /// <param name="apiVersion">The version that is asked for: <c>autoscaling/v1</c>.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="VersionConversionException">The objects cannot be had in that version now.</exception>
    public abstract ValueTask<IReadOnlyList<JsonObject>> FromStorageAsync(IReadOnlyList<JsonObject> objects, string apiVersion, CancellationToken cancellation);

    /// <param name="objects">In the version that is served, decoded and defaulted.</param>
    /// <param name="apiVersion">That version.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="VersionConversionException">The objects cannot be stored.</exception>
    public abstract ValueTask<IReadOnlyList<JsonObject>> ToStorageAsync(IReadOnlyList<JsonObject> objects, string apiVersion, CancellationToken cancellation);
}

/// <summary>A conversion that needs nothing but the object.</summary>
public abstract class PureVersionConverter : VersionConverter
{
    public sealed override ValueTask<IReadOnlyList<JsonObject>> FromStorageAsync(IReadOnlyList<JsonObject> objects, string apiVersion, CancellationToken cancellation) =>
        new([.. objects.Select(FromStorage)]);

    public sealed override ValueTask<IReadOnlyList<JsonObject>> ToStorageAsync(IReadOnlyList<JsonObject> objects, string apiVersion, CancellationToken cancellation) =>
        new([.. objects.Select(ToStorage)]);

    /// <summary>One object as it is served; see <see cref="VersionConverter"/> for who owns the tree.</summary>
    public JsonObject Served(JsonObject stored) => FromStorage(stored);

    /// <summary>One object as it is stored.</summary>
    public JsonObject Stored(JsonObject served) => ToStorage(served);

    protected abstract JsonObject FromStorage(JsonObject obj);

    protected abstract JsonObject ToStorage(JsonObject obj);
}

/// <summary>A conversion failed; <paramref name="status"/> is what the client is told.</summary>
public sealed class VersionConversionException(ApiStatus status) : Exception(status.Message)
{
    public ApiStatus Status => status;
}
