using ActorOrchestrator.Actors.Access.Certificates;

namespace ActorOrchestrator.Actors.Controllers.Certificates;

/// <summary>The cluster's authority, where its key is at hand.</summary>
public interface ICertificateSigner
{
    /// <summary>The certificate in PEM; subject, names and key are the request's.</summary>
    /// <param name="request">What was asked for, and has been found good.</param>
    /// <param name="usages">As the API names them.</param>
    /// <param name="life">How long it is asked to hold; null for as long as certificates do.</param>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The request's key is of a kind that cannot be certified.</exception>
    string Sign(CertificateRequestText request, IReadOnlyCollection<string> usages, TimeSpan? life);
}
