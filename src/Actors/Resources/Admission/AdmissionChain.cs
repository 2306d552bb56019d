using System.Collections.Immutable;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Resources.Admission;

/// <summary>The plugins in upstream's default order.</summary>
public sealed class AdmissionChain(ImmutableArray<IAdmissionPlugin> plugins)
{
    public static AdmissionChain BuiltIn { get; } =
        new([new NamespaceLifecycle(), new ServiceAccountAdmission(), new DefaultTolerationSeconds(), new PodPriority()]);

    public ApiStatus? Admit(AdmissionRequest request)
    {
        foreach (var plugin in plugins)
        {
            if (plugin.Admit(request) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }
}
