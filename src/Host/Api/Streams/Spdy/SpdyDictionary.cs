using System.Buffers.Binary;
using System.Text;

namespace ActorOrchestrator.Host.Api.Streams.Spdy;

/// <summary>What both ends of SPDY/3 know of headers before the first is sent (section 2.6.10.1 of the draft): words with their lengths, then a run of text.</summary>
internal static class SpdyDictionary
{
    private static readonly string[] Words =
    [
        "options", "head", "post", "put", "delete", "trace", "accept", "accept-charset", "accept-encoding", "accept-language", "accept-ranges", "age", "allow", "authorization",
        "cache-control", "connection", "content-base", "content-encoding", "content-language", "content-length", "content-location", "content-md5", "content-range", "content-type",
        "date", "etag", "expect", "expires", "from", "host", "if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "last-modified", "location",
        "max-forwards", "pragma", "proxy-authenticate", "proxy-authorization", "range", "referer", "retry-after", "server", "te", "trailer", "transfer-encoding", "upgrade",
        "user-agent", "vary", "via", "warning", "www-authenticate", "method", "get", "status", "200 OK", "version", "HTTP/1.1", "url", "public", "set-cookie", "keep-alive", "origin",
    ];

    private const string Run =
        "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505203 Non-Authoritative Information204 No Content301 Moved Permanently" +
        "400 Bad Request401 Unauthorized403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented503 Service Unavailable" +
        "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT" +
        "chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,text/javascript,publicprivatemax-age=gzip,deflate,sdch" +
        "charset=utf-8charset=iso-8859-1,utf-,*,enq=0.";

    /// <summary>By which a compressed stream says that it begins with it.</summary>
    public const uint Adler = 0xe3c6a7c2;

    public static byte[] Bytes { get; } = Build();

    private static byte[] Build()
    {
        var bytes = new byte[Words.Sum(word => 4 + word.Length) + Run.Length];
        var at = 0;
        foreach (var word in Words)
        {
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(at), word.Length);
            at += 4 + Encoding.ASCII.GetBytes(word, bytes.AsSpan(at + 4));
        }

        Encoding.ASCII.GetBytes(Run, bytes.AsSpan(at));
        return bytes;
    }
}
