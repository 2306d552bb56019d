using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;
using ActorOrchestrator.Host.Api.Errors;
using ActorOrchestrator.Host.Api.Formats;
using ActorOrchestrator.Host.Api.Resources;
using ActorOrchestrator.Host.Api.Subresources;
using ActorOrchestrator.Host.Api.Virtual;

namespace ActorOrchestrator.Host.Api.Reviews;

/// <summary>The kinds that are questions: POST one, and the same object comes back with the answer as its status. Nothing is stored.</summary>
internal sealed class ReviewEndpoint(ResourceType type, AccessReviews access, IdentityReviews identity, ApiSettings settings) : IVirtualResource
{
    public static readonly ImmutableArray<ResourceType> Types =
    [
        ResourceTypes.TokenReviews, ResourceTypes.SelfSubjectReviews,
        ResourceTypes.SubjectAccessReviews, ResourceTypes.SelfSubjectAccessReviews, ResourceTypes.LocalSubjectAccessReviews, ResourceTypes.SelfSubjectRulesReviews,
    ];

    public ResourceType Type => type;

    public Task ServeAsync(in ApiRequest request, string verb) =>
        request.Path.IsCollection ? CreateAsync(request) : StatusWriter.WriteAsync(request.Http, RequestStatuses.MethodNotAllowed);

    private async Task CreateAsync(ApiRequest request)
    {
        var format = request.ObjectFormat;
        var body = await RequestBody.ReadAsync(request.Http, settings.MaxBodyBytes).ConfigureAwait(false);
        var review = RequestBody.ReadObject(request.Http.Request.ContentType, body, out _);
        var wrong = WriteEndpoint.CheckKind(request, review) ?? StructuralDecoder.Decode(request.Descriptor, review).TypeFailure(request.Descriptor);
        if (wrong is null)
        {
            review["kind"] = request.Descriptor.Kind;
            review["apiVersion"] = request.Descriptor.ApiVersion;
            wrong = await AnswerAsync(request, review).ConfigureAwait(false);
        }

        await (wrong is not null
            ? StatusWriter.WriteAsync(request.Http, wrong)
            : ObjectResponse.WriteBytesAsync(request.Http, review.Utf8(), format, 201)).ConfigureAwait(false);
    }

    /// <summary>Puts the answer into the review; a refusal instead where the question is malformed.</summary>
    private ValueTask<ApiStatus?> AnswerAsync(ApiRequest request, JsonObject review)
    {
        return type == ResourceTypes.TokenReviews ? identity.ReviewTokenAsync(review)
            : type == ResourceTypes.SelfSubjectReviews ? new(identity.ReviewSelf(review, request.User))
            : type == ResourceTypes.SelfSubjectRulesReviews ? new(access.ReviewRules(review, request.User))
            : type == ResourceTypes.SelfSubjectAccessReviews ? new(access.Review(review, request.Descriptor, request.Path.Namespace, request.User))
            : new(access.Review(review, request.Descriptor, request.Path.Namespace, null));
    }
}
