namespace ActorOrchestrator.Host.Api.Streams.Commands;

/// <summary>
/// Upstream's WebSocket subprotocols for streams: each message begins with its channel, a byte or, in base64, a digit. From version 4 on the status is JSON, from version 5 on a
/// client can end its input: channel 255 with the number of the channel that ends.
/// </summary>
/// <param name="IsBase64">Messages are text.</param>
/// <param name="Version">1 for those that carry no version.</param>
internal readonly record struct ChannelProtocol(bool IsBase64, int Version)
{
    public const byte CloseChannel = 255;

    /// <summary>What is served; the first one that the client offers is taken, and who offers none gets the first version.</summary>
    public static string[] Names { get; } = ["v5.channel.k8s.io", "v4.channel.k8s.io", "v4.base64.channel.k8s.io", "channel.k8s.io", "base64.channel.k8s.io"];

    public bool TellsStatus => Version >= 4;

    public bool HasHalfClose => Version >= 5;

    public static ChannelProtocol Of(string? name) => name switch
    {
        "v5.channel.k8s.io" => new ChannelProtocol(false, 5),
        "v4.channel.k8s.io" => new ChannelProtocol(false, 4),
        "v4.base64.channel.k8s.io" => new ChannelProtocol(true, 4),
        "base64.channel.k8s.io" => new ChannelProtocol(true, 1),
        _ => new ChannelProtocol(false, 1),
    };
}
