using System.Net;
using System.Text;
using ActorOrchestrator.Actors.Resources.Expressions.Authorization;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Resources.Expressions.Values;

/// <summary>
/// What all values have in common. A value is null, bool, long, ulong, double, string, <see cref="ByteString"/>, DateTimeOffset, TimeSpan,
/// <see cref="CelList"/>, <see cref="CelMap"/>, <see cref="OptionalValue"/>, <see cref="TypeValue"/>, a library's own, or a <see cref="Failure"/>.
/// </summary>
internal static class Values
{
    public static string TypeOf(object? value) => value switch
    {
        null => "null_type",
        bool => "bool",
        long => "int",
        ulong => "uint",
        double => "double",
        string => "string",
        ByteString => "bytes",
        DateTimeOffset => "google.protobuf.Timestamp",
        TimeSpan => "google.protobuf.Duration",
        CelList => "list",
        CelMap map => map.TypeName,
        OptionalValue => "optional_type",
        TypeValue => "type",
        Quantity => ExpressionType.Quantity.Name,
        IPAddress => ExpressionType.Ip.Name,
        CidrValue => ExpressionType.Cidr.Name,
        UrlValue => ExpressionType.Url.Name,
        SemverValue => ExpressionType.Semver.Name,
        FormatValue => ExpressionType.Format.Name,
        AuthorizerValue => ExpressionType.Authorizer.Name,
        PathCheckValue => ExpressionType.PathCheck.Name,
        GroupCheckValue => ExpressionType.GroupCheck.Name,
        ResourceCheckValue => ExpressionType.ResourceCheck.Name,
        DecisionValue => ExpressionType.Decision.Name,
        _ => "error",
    };

    /// <summary>Whether a value may stand where a type is asked for.</summary>
    public static bool Fits(object? value, ExpressionType type) => type.Kind switch
    {
        ExpressionKind.Dyn or ExpressionKind.Parameter or ExpressionKind.Error => true,
        ExpressionKind.Null => value is null,
        ExpressionKind.Bool => value is bool,
        ExpressionKind.Int => value is long,
        ExpressionKind.Uint => value is ulong,
        ExpressionKind.Double => value is double,
        ExpressionKind.String => value is string,
        ExpressionKind.Bytes => value is ByteString,
        ExpressionKind.Timestamp => value is DateTimeOffset,
        ExpressionKind.Duration => value is TimeSpan,
        ExpressionKind.List => value is CelList list && (type.Parameters[0].Kind is ExpressionKind.Parameter or ExpressionKind.Dyn || list.Count == 0 || Fits(list[0], type.Parameters[0])),
        ExpressionKind.Map or ExpressionKind.Object => value is CelMap,
        ExpressionKind.Optional => value is OptionalValue,
        ExpressionKind.Type => value is TypeValue,
        _ => TypeOf(value) == type.Name,
    };

    /// <summary>Code points, bytes, items or pairs; null for what has no size.</summary>
    public static long? Size(object? value) => value switch
    {
        string text => CodePoints(text),
        ByteString bytes => bytes.Bytes.Length,
        CelList list => list.Count,
        CelMap map => map.Count,
        _ => null,
    };

    public static int CodePoints(string text)
    {
        var count = text.Length;
        foreach (var c in text)
        {
            count -= char.IsLowSurrogate(c) ? 1 : 0;
        }

        return count;
    }

    /// <summary>As a message shows it.</summary>
    public static string Display(object? value) => value switch
    {
        null => "null",
        bool flag => flag ? "true" : "false",
        double real => Numbers.Text(real),
        DateTimeOffset time => Times.Text(time),
        TimeSpan duration => Times.Text(duration),
        ByteString bytes => Encoding.UTF8.GetString(bytes.Bytes),
        IPAddress address => Networks.Text(address),
        UrlValue url => url.Text,
        SemverValue version => $"{version.Major}.{version.Minor}.{version.Patch}{(version.Prerelease.Length > 0 ? "-" : "")}{version.Prerelease}{(version.Build.Length > 0 ? "+" : "")}{version.Build}",
        TypeValue type => type.Name,
        FormatValue format => format.Name,
        CelList list => $"[{string.Join(", ", list.Select(Display))}]",
        CelMap map => $"{{{string.Join(", ", map.Keys.Select(key => $"{Display(key)}: {Display(map.TryGet(key, out var item) ? item : null)}"))}}}",
        OptionalValue optional => optional.HasValue ? $"optional({Display(optional.Value)})" : "optional.none()",
        Failure failure => failure.Message,
        _ => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? "",
    };
}
