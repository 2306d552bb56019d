using System.Runtime.InteropServices;

namespace ActorOrchestrator.Host.Engine;

/// <summary>The few system calls that the runtime library has no way to make.</summary>
internal static partial class Libc
{
    public const int Detach = 2;
    public const int HangUp = 1;
    public const int NetworkNamespace = 0x40000000;
    public const int RegularFile = 0x8000;
    public const int Socket = 0xC000;
    public const int CharacterDevice = 0x2000;
    public const int BlockDevice = 0x6000;
    private const int KindMask = 0xF000;
    private const int CurrentDirectory = -100;
    private const uint StatxType = 1;
    private const uint StatxGroup = 0x10;

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Mount(string source, string target, string type, nuint flags, string data);

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Unmount(string target, int flags);

    [LibraryImport("libc", EntryPoint = "chown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Chown(string path, int owner, int group);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Rename(string from, string to);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int pid, int signal);

    /// <summary>Of the calling thread alone.</summary>
    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    public static partial int SetNamespace(int descriptor, int kind);

    [LibraryImport("libc", EntryPoint = "realpath", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint RealPath(string path, nint buffer);

    [LibraryImport("libc", EntryPoint = "free")]
    private static partial void Free(nint memory);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int Statx(int directory, string path, int flags, uint mask, byte* buffer);

    public static string? RealPath(string path)
    {
        var resolved = RealPath(path, 0);
        if (resolved == 0)
        {
            return null;
        }

        try
        {
            return Marshal.PtrToStringUTF8(resolved);
        }
        finally
        {
            Free(resolved);
        }
    }

    /// <summary>The group that owns what is at the path; -1 when there is nothing.</summary>
    public static unsafe long GroupOf(string path)
    {
        // struct statx: stx_gid is the 32-bit number at offset 24.
        var buffer = stackalloc byte[256];
        return Statx(CurrentDirectory, path, 0, StatxGroup, buffer) == 0 ? *(uint*)(buffer + 24) : -1;
    }

    /// <summary>The kind of what is at the path, links followed; 0 when there is nothing.</summary>
    public static unsafe int KindOf(string path)
    {
        // struct statx: stx_mode is the 16-bit number at offset 28.
        var buffer = stackalloc byte[256];
        return Statx(CurrentDirectory, path, 0, StatxType, buffer) == 0 ? *(ushort*)(buffer + 28) & KindMask : 0;
    }
}
