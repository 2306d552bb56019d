using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources.Admission.Matching;
using ActorOrchestrator.Contracts.Defaults;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Actors.Resources.Admission;

/// <summary>What a webhook or policy made of an object becomes the request's object.</summary>
internal static class MutatedObject
{
    /// <param name="subject">The request.</param>
    /// <param name="view">The version in which it was changed.</param>
    /// <param name="patched">The object in that version; taken over.</param>
    /// <param name="by">Who did it, for a refusal.</param>
    /// <param name="cancellation">The request has ended.</param>
    /// <returns>A refusal when it is no object of the kind any more, and whether it is another than before.</returns>
    public static async Task<(ApiStatus? Refusal, bool Changed)> TakeAsync(AdmissionSubject subject, ResourceDescriptor view, JsonObject? patched, string by, CancellationToken cancellation)
    {
        if (subject.Request.Operation == AdmissionOperation.Connect && patched is not null)
        {
            // The options of a connection are no object of a kind that is served.
            var other = !JsonNode.DeepEquals(patched, subject.Request.Object);
            Replace(subject.Request.Object, patched);
            return (null, other);
        }

        if (patched is null || StructuralDecoder.Decode(view, patched).TypeFailure(view) is not null)
        {
            return (ApiStatus.InternalError($"{by} made an object that cannot be read as a {view.Kind}"), false);
        }

        ObjectDefaults.Apply(view, patched);
        patched = await subject.FromVersionAsync(patched, view, cancellation).ConfigureAwait(false);
        var changed = !JsonNode.DeepEquals(patched, subject.Request.Object);
        if (changed)
        {
            subject.Request.RememberOwners();
            Replace(subject.Request.Object, patched);
        }

        return (null, changed);
    }

    /// <summary>The request's tree stays the same object, because others hold it.</summary>
    private static void Replace(JsonObject target, JsonObject source)
    {
        target.Clear();
        foreach (var name in source.Select(property => property.Key).ToArray())
        {
            var value = source[name];
            source.Remove(name);
            target[name] = value;
        }
    }
}
