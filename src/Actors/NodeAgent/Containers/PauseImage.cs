using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorOrchestrator.Actors.NodeAgent.Containers;

/// <summary>
/// The image of the pause container: one layer with one file, in <c>docker save</c>'s format. The same bytes on every machine of
/// an architecture, so that loading it again changes nothing.
/// </summary>
public static class PauseImage
{
    public const string Reference = "orchestrator/pause:1";

    /// <summary>Loads the image unless the engine has it.</summary>
    public static async Task EnsureAsync(IContainerEngine engine, string architecture, CancellationToken cancellation = default)
    {
        if (await engine.FindImageAsync(Reference, cancellation) is null)
        {
            await engine.LoadImageAsync(new MemoryStream(Archive(architecture), writable: false), cancellation);
        }
    }

    public static byte[] Archive(string architecture)
    {
        var layer = Tar(("pause", PauseProgram.For(architecture), true));
        var configuration = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["architecture"] = architecture,
            ["os"] = "linux",
            ["created"] = "1970-01-01T00:00:00Z",
            ["config"] = new JsonObject
            {
                ["Entrypoint"] = new JsonArray("/pause"),
                ["Labels"] = new JsonObject { [ContainerLabels.ManagedBy] = ContainerLabels.Ours },
            },
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray($"sha256:{Digest(layer)}") },
            ["history"] = new JsonArray(new JsonObject { ["created"] = "1970-01-01T00:00:00Z", ["created_by"] = "orchestrator" }),
        }.ToJsonString());
        var configurationName = $"{Digest(configuration)}.json";
        var manifest = JsonSerializer.SerializeToUtf8Bytes(new JsonArray(new JsonObject
        {
            ["Config"] = configurationName,
            ["RepoTags"] = new JsonArray(Reference),
            ["Layers"] = new JsonArray("layer.tar"),
        }));
        return Tar((configurationName, configuration, false), ("layer.tar", layer, false), ("manifest.json", manifest, false));
    }

    private static string Digest(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static byte[] Tar(params (string Name, byte[] Content, bool Executable)[] files)
    {
        var buffer = new MemoryStream();
        using (var writer = new TarWriter(buffer, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach (var (name, content, executable) in files)
            {
                writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name)
                {
                    DataStream = new MemoryStream(content, writable: false),
                    ModificationTime = DateTimeOffset.UnixEpoch,
                    Mode = executable
                        ? UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute
                        : UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
                });
            }
        }

        return buffer.ToArray();
    }
}
