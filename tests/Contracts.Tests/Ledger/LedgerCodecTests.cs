using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Ledger.Wire;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Contracts.Tests.Ledger;

/// <summary>
/// What was once written must load for ever: each form has a file of its own in <c>golden/</c> that is never replaced. A new form
/// gets a new manifest and a new file (run once with GOLDEN=write).
/// </summary>
public sealed class LedgerCodecTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);
    private static readonly ObjectKey Web = new(ResourceTypes.Deployments, "guestbook", "web");
    private static readonly ObjectKey Node = new(ResourceTypes.Nodes, "", "n1");
    private static readonly ObjectBody Body = new(Encoding.UTF8.GetBytes("""{"metadata":{"name":"web","resourceVersion":""}}"""), 45);

    private static readonly ImmutableDictionary<string, object> Samples = new Dictionary<string, object>
    {
        ["facts.v1"] = new FactBatch(Facts()),
        ["ledger-snapshot.v1"] = Snapshot(),
        ["commit.v1"] = new LedgerCommands.Commit(
            [
                new LedgerCommands.Create(Web, "u-1", Body, ["clusterip/10.43.0.7", "nodeport/tcp/30080"]),
                new LedgerCommands.Replace(Web, Body, new Revision(7), []),
                new LedgerCommands.Remove(Web, new Revision(300), Body),
                new LedgerCommands.Remove(Node, null, null),
            ],
            By("admin", "create", 0)),
        ["committed.v1"] = new LedgerReplies.Committed(
        [
            new WriteResult(WriteOutcome.Committed, Stored(Web, 41)),
            new WriteResult(WriteOutcome.ClaimTaken, null, "nodeport/tcp/30080"),
            new WriteResult(WriteOutcome.NotFound, null),
        ]),
        ["unavailable.v1"] = new LedgerReplies.Unavailable("The ledger is starting – wait."),
        ["newest-revision.v1"] = LedgerQueries.NewestRevision.Instance,
        ["newest-revision-is.v1"] = new LedgerQueries.NewestRevisionIs(new Revision(1_234_567)),
        ["follow.v1"] = new ReplicationMessages.Follow(new Revision(300), 638_000_000_000_000_000),
        ["replicated-facts.v1"] = new ReplicationMessages.Facts(5, 6, Facts()),
        ["replicated-state.v1"] = new ReplicationMessages.State(5, 7, new Revision(44), [Stored(Web, 41), Stored(Node, 42)], true),
        ["received.v1"] = new ReplicationMessages.Received(5, 7),
        ["ended.v1"] = new ReplicationMessages.Ended(5),
    }.ToImmutableDictionary();

    public static TheoryData<string> Manifests => [.. LedgerCodec.Manifests];

    [Theory]
    [MemberData(nameof(Manifests))]
    public void What_was_once_written_still_loads_and_is_written_in_the_same_way(string manifest)
    {
        var sample = Samples[manifest];
        var file = Path.Combine(Folder(), manifest + ".bin");
        if (Environment.GetEnvironmentVariable("GOLDEN") == "write" && !File.Exists(file))
        {
            File.WriteAllBytes(file, LedgerCodec.Write(sample));
        }

        var golden = File.ReadAllBytes(file);
        var read = LedgerCodec.Read(manifest, golden);
        Assert.Equal(manifest, LedgerCodec.ManifestOf(read));
        if (read is LedgerSnapshot snapshot)
        {
            // Packed bytes may differ from one version of the compressor to the next; what is in them may not.
            Assert.Equal(Describe(Snapshot()), Describe(snapshot));
        }
        else
        {
            Assert.Equal(golden, LedgerCodec.Write(sample));
            Assert.Equal(golden, LedgerCodec.Write(read));
        }
    }

    /// <summary>What came later stands at the end of the form: whoever wrote before it is still understood, and so is whoever writes it.</summary>
    [Fact]
    public void A_commit_that_is_all_or_nothing_has_bytes_of_its_own()
    {
        var commit = ((LedgerCommands.Commit)Samples["commit.v1"]) with { Together = true };
        var file = Path.Combine(Folder(), "commit.v1-together.bin");
        if (Environment.GetEnvironmentVariable("GOLDEN") == "write" && !File.Exists(file))
        {
            File.WriteAllBytes(file, LedgerCodec.Write(commit));
        }

        var golden = File.ReadAllBytes(file);
        var read = (LedgerCommands.Commit)LedgerCodec.Read("commit.v1", golden);
        Assert.True(read.Together);
        Assert.Equal(golden, LedgerCodec.Write(commit));
        Assert.Equal(golden, LedgerCodec.Write(read));
        Assert.False(((LedgerCommands.Commit)LedgerCodec.Read("commit.v1", LedgerCodec.Write(Samples["commit.v1"]))).Together);
    }

    [Theory]
    [MemberData(nameof(Manifests))]
    public void Damaged_bytes_are_refused_in_words_and_never_in_another_way(string manifest)
    {
        var whole = LedgerCodec.Write(Samples[manifest]);
        for (var at = 0; at < whole.Length; at++)
        {
            Attempt(manifest, whole[..at]);
            var flipped = (byte[])whole.Clone();
            flipped[at] ^= 0xff;
            Attempt(manifest, flipped);
        }
    }

    [Fact]
    public void A_damaged_journal_row_is_noticed()
    {
        var row = LedgerCodec.Write(Samples["facts.v1"]);
        row[^20] ^= 1;
        var refusal = Assert.Throws<InvalidDataException>(() => LedgerCodec.Read("facts.v1", row));
        Assert.Contains("checksum", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_form_is_named()
    {
        var refusal = Assert.Throws<InvalidDataException>(() => LedgerCodec.Read("facts.v9", []));
        Assert.Contains("facts.v9", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_snapshot_of_many_blocks_comes_back_whole()
    {
        var objects = Enumerable.Range(1, 300).Select(n => new StoredObject(
            new ObjectKey(ResourceTypes.ConfigMaps, "default", $"c{n:000}"), $"u{n}", new Revision(n), new byte[20_000], [])).ToArray();
        var read = (LedgerSnapshot)LedgerCodec.Read("ledger-snapshot.v1", LedgerCodec.Write(new LedgerSnapshot(new Revision(301), objects, [JournalMark.Start])));
        Assert.Equal(objects.Select(obj => obj.Key), read.Objects.Select(obj => obj.Key));
        Assert.All(read.Objects, obj => Assert.Equal(20_000, obj.Utf8.Length));
    }

    private static void Attempt(string manifest, byte[] bytes)
    {
        try
        {
            LedgerCodec.Read(manifest, bytes);
        }
        catch (InvalidDataException refusal)
        {
            Assert.Contains(manifest, refusal.Message, StringComparison.Ordinal);
        }
    }

    private static ImmutableArray<Fact> Facts() =>
    [
        new Fact(FactVerb.Created, Stored(Web, 41, "clusterip/10.43.0.7"), By("admin", "create", 0), null),
        new Fact(FactVerb.Updated, Stored(Web, 42), By("admin", "create", 0), null),
        new Fact(FactVerb.Deleted, Stored(Node, 43), By("system:node:n1", "delete", 42), null),
    ];

    private static LedgerSnapshot Snapshot() => new(
        new Revision(44),
        [Stored(Web, 41, "clusterip/10.43.0.7"), Stored(Node, 42)],
        [new JournalMark(0, Revision.None, Noon, 0), new JournalMark(17, new Revision(44), Noon.AddHours(1), 123_456)]);

    private static string Describe(LedgerSnapshot snapshot) =>
        $"{snapshot.Revision} {string.Join(' ', snapshot.History)} {string.Join(' ', snapshot.Objects.Select(obj => $"{obj.Key} {obj.Uid} {obj.Revision} {Encoding.UTF8.GetString(obj.Utf8.Span)} {string.Join(',', obj.Claims)}"))}";

    private static Provenance By(string principal, string act, long cause) => new(principal, Noon, act, new Revision(cause));

    private static StoredObject Stored(ObjectKey key, long revision, params string[] claims) =>
        new(key, "3d1c5e0a-0000-4000-8000-000000000001", new Revision(revision), Body.At(new Revision(revision)), [.. claims]);

    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "golden");
}
