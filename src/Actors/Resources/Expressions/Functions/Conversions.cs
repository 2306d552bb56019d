using System.Globalization;
using System.Text;
using ActorOrchestrator.Actors.Resources.Expressions.Values;

namespace ActorOrchestrator.Actors.Resources.Expressions.Functions;

/// <summary><c>int(x)</c>, <c>string(x)</c> and the like.</summary>
internal static class Conversions
{
    private const double IntLimit = 9_223_372_036_854_775_808.0;
    private static readonly Encoding Strict = new UTF8Encoding(false, throwOnInvalidBytes: true);

    public static void AddTo(FunctionTable table)
    {
        foreach (var type in (string[])["bool", "int", "uint", "double", "string", "bytes", "timestamp", "duration"])
        {
            table.Add($"{type}({type}) -> {type}", a => a[0]);
        }

        table.Add("type(A) -> type(A)", a => new TypeValue(Values.Values.TypeOf(a[0])));
        table.Add("dyn(A) -> dyn", a => a[0]);
        table.Add("bool(string) -> bool", a => (string)a[0]! switch
        {
            "true" or "True" or "TRUE" or "t" or "1" => true,
            "false" or "False" or "FALSE" or "f" or "0" => false,
            _ => Failure.Conversion(a[0], "bool"),
        });
        AddNumbers(table);
        foreach (var type in (string[])["bool", "int", "uint", "double", "timestamp", "duration"])
        {
            table.Add($"string({type}) -> string", a => Values.Values.Display(a[0]));
        }

        table.Add("string(bytes) -> string", a => Decode((ByteString)a[0]!), Effort.Traversal);
        table.Add("bytes(string) -> bytes", a => new ByteString(Encoding.UTF8.GetBytes((string)a[0]!)), Effort.Traversal);
        table.Add("timestamp(string) -> timestamp", a => Times.TryParseTimestamp((string)a[0]!, out var time) ? time : Failure.Conversion(a[0], "google.protobuf.Timestamp"));
        table.Add("timestamp(int) -> timestamp", a => (long)a[0]! is >= -62_135_596_800 and <= 253_402_300_799 and var seconds
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : Failure.TimestampOverflow);
        table.Add("duration(string) -> duration", a => Times.TryParseDuration((string)a[0]!, out var duration) ? duration : Failure.Conversion(a[0], "google.protobuf.Duration"));
    }

    private static void AddNumbers(FunctionTable table)
    {
        table.Add("int(uint) -> int", a => (ulong)a[0]! <= long.MaxValue ? (long)(ulong)a[0]! : Failure.IntOverflow);
        table.Add("int(double) -> int", a => (double)a[0]! is > -IntLimit and < IntLimit and var real ? (long)real : Failure.IntOverflow);
        table.Add("int(string) -> int", a => long.TryParse((string)a[0]!, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : Failure.Conversion(a[0], "int"));
        table.Add("int(timestamp) -> int", a => ((DateTimeOffset)a[0]!).ToUnixTimeSeconds());
        table.Add("int(duration) -> int", a => ((TimeSpan)a[0]!).Ticks is > -92_233_720_368_547_758 and < 92_233_720_368_547_758 and var ticks ? ticks * 100 : Failure.IntOverflow);
        table.Add("uint(int) -> uint", a => (long)a[0]! >= 0 ? (ulong)(long)a[0]! : Failure.UintOverflow);
        table.Add("uint(double) -> uint", a => (double)a[0]! is >= 0 and < 2 * IntLimit and var real ? (ulong)real : Failure.UintOverflow);
        table.Add("uint(string) -> uint", a => ulong.TryParse((string)a[0]!, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : Failure.Conversion(a[0], "uint"));
        table.Add("double(int) -> double", a => (double)(long)a[0]!);
        table.Add("double(uint) -> double", a => (double)(ulong)a[0]!);
        table.Add("double(string) -> double", a => ParseDouble((string)a[0]!));
    }

    private static object ParseDouble(string text) => text switch
    {
        "NaN" => double.NaN,
        "Inf" or "+Inf" or "Infinity" => double.PositiveInfinity,
        "-Inf" or "-Infinity" => double.NegativeInfinity,
        _ when double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var real)
            => real,
        _ => Failure.Conversion(text, "double"),
    };

    private static object Decode(ByteString bytes)
    {
        try
        {
            return Strict.GetString(bytes.Bytes);
        }
        catch (DecoderFallbackException)
        {
            return new Failure("invalid UTF-8 in bytes, cannot convert to string");
        }
    }
}
