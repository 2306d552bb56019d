namespace ActorOrchestrator.Actors.NodeAgent.Containers;

/// <summary>
/// The crash-loop back-off of one container, as client-go's flowcontrol.Backoff gives it to the kubelet: the first restart is immediate;
/// then the delays double from the initial one to the longest, counted from the container's end; quiet for twice the longest, it starts afresh.
/// </summary>
/// <param name="Delay">The delay of the next restart; zero before the first.</param>
/// <param name="LastUpdate">When it was last lengthened.</param>
public readonly record struct RestartBackoff(TimeSpan Delay, DateTimeOffset LastUpdate)
{
    /// <summary>The earliest moment at which a container that ended then may be started again.</summary>
    public DateTimeOffset NotBefore(DateTimeOffset finishedAt, TimeSpan longest) =>
        HasExpired(finishedAt, longest) ? finishedAt : finishedAt + Delay;

    /// <summary>After a restart was begun.</summary>
    public RestartBackoff Next(DateTimeOffset now, DateTimeOffset finishedAt, TimeSpan initial, TimeSpan longest) =>
        Delay == TimeSpan.Zero || HasExpired(finishedAt, longest)
            ? new RestartBackoff(initial, now)
            : new RestartBackoff(TimeSpan.FromTicks(Math.Min(Delay.Ticks * 2, longest.Ticks)), now);

    private bool HasExpired(DateTimeOffset eventTime, TimeSpan longest) => eventTime - LastUpdate > 2 * longest;
}
