using System.Buffers.Binary;

namespace ActorOrchestrator.Actors.NodeAgent.Containers;

/// <summary>
/// The program of the pause container, as a static ELF executable made of the instructions below: no compiler and no registry
/// is needed on a user's machine. As process 1 of the pod it
/// <list type="number">
/// <item>blocks SIGINT, SIGTERM and SIGCHLD (a blocked signal is never dropped, not even for process 1 without a handler),</item>
/// <item>waits for one of them with <c>rt_sigtimedwait</c>, using no processor time,</item>
/// <item>ends with 0 on SIGINT or SIGTERM, and reaps every dead child on SIGCHLD, as containers that share its process namespace need.</item>
/// </list>
/// </summary>
public static class PauseProgram
{
    private const int HeaderBytes = 64 + 56;
    private const ulong LoadAddress = 0x400000;

    private static ReadOnlySpan<byte> X64 =>
    [
        0x68, 0x02, 0x40, 0x01, 0x00, //       push  1<<1 | 1<<14 | 1<<16    the set {SIGINT, SIGTERM, SIGCHLD}
        0x48, 0x89, 0xe3, //                   mov   rbx, rsp
        0x31, 0xff, //                         xor   edi, edi                SIG_BLOCK
        0x48, 0x89, 0xde, //                   mov   rsi, rbx
        0x31, 0xd2, //                         xor   edx, edx
        0x6a, 0x08, 0x41, 0x5a, //             push  8; pop r10
        0x6a, 0x0e, 0x58, //                   push  14; pop rax             rt_sigprocmask
        0x0f, 0x05, //                         syscall
        0x48, 0x89, 0xdf, //            wait:  mov   rdi, rbx
        0x31, 0xf6, //                         xor   esi, esi
        0x31, 0xd2, //                         xor   edx, edx
        0x6a, 0x08, 0x41, 0x5a, //             push  8; pop r10
        0xb8, 0x80, 0x00, 0x00, 0x00, //       mov   eax, 128                rt_sigtimedwait
        0x0f, 0x05, //                         syscall
        0x83, 0xf8, 0x11, 0x74, 0x13, //       cmp   eax, SIGCHLD; je reap
        0x83, 0xf8, 0x02, 0x74, 0x05, //       cmp   eax, SIGINT; je exit
        0x83, 0xf8, 0x0f, 0x75, 0xdf, //       cmp   eax, SIGTERM; jne wait
        0x31, 0xff, //                  exit:  xor   edi, edi
        0xb8, 0xe7, 0x00, 0x00, 0x00, //       mov   eax, 231                exit_group
        0x0f, 0x05, //                         syscall
        0x6a, 0xff, 0x5f, //            reap:  push  -1; pop rdi
        0x31, 0xf6, //                         xor   esi, esi
        0x6a, 0x01, 0x5a, //                   push  WNOHANG; pop rdx
        0x45, 0x31, 0xd2, //                   xor   r10d, r10d
        0x6a, 0x3d, 0x58, //                   push  61; pop rax             wait4
        0x0f, 0x05, //                         syscall
        0x85, 0xc0, 0x7f, 0xec, //             test  eax, eax; jg reap
        0xeb, 0xc0, //                         jmp   wait
    ];

    private static ReadOnlySpan<uint> Arm64 =>
    [
        0xD2880041, //         movz x1, #0x4002
        0xF2A00021, //         movk x1, #1, lsl #16            the set {SIGINT, SIGTERM, SIGCHLD}
        0xF81F0FE1, //         str  x1, [sp, #-16]!
        0x910003F3, //         mov  x19, sp
        0xD2800000, //         mov  x0, #0                     SIG_BLOCK
        0xAA1303E1, //         mov  x1, x19
        0xD2800002, //         mov  x2, #0
        0xD2800103, //         mov  x3, #8
        0xD28010E8, //         mov  x8, #135                   rt_sigprocmask
        0xD4000001, //         svc  #0
        0xAA1303E0, // wait:   mov  x0, x19
        0xD2800001, //         mov  x1, #0
        0xD2800002, //         mov  x2, #0
        0xD2800103, //         mov  x3, #8
        0xD2801128, //         mov  x8, #137                   rt_sigtimedwait
        0xD4000001, //         svc  #0
        0xF100441F, //         cmp  x0, #SIGCHLD
        0x54000100, //         b.eq reap (+8)
        0xF100081F, //         cmp  x0, #SIGINT
        0x54000060, //         b.eq exit (+3)
        0xF1003C1F, //         cmp  x0, #SIGTERM
        0x54FFFEA1, //         b.ne wait (-11)
        0xD2800000, // exit:   mov  x0, #0
        0xD2800BC8, //         mov  x8, #94                    exit_group
        0xD4000001, //         svc  #0
        0x92800000, // reap:   mov  x0, #-1
        0xD2800001, //         mov  x1, #0
        0xD2800022, //         mov  x2, #WNOHANG
        0xD2800003, //         mov  x3, #0
        0xD2802088, //         mov  x8, #260                   wait4
        0xD4000001, //         svc  #0
        0xF100001F, //         cmp  x0, #0
        0x54FFFF2C, //         b.gt reap (-7)
        0x17FFFFE9, //         b    wait (-23)
    ];

    /// <param name="architecture">As Go names it: <c>amd64</c> or <c>arm64</c>.</param>
    /// <exception cref="NotSupportedException">There is no program for this architecture.</exception>
    public static byte[] For(string architecture) => architecture switch
    {
        "amd64" => Executable(machine: 62, X64),
        "arm64" => Executable(machine: 183, LittleEndian(Arm64)),
        _ => throw new NotSupportedException($"There is no pause program for the architecture {architecture}; amd64 and arm64 are supported."),
    };

    private static byte[] LittleEndian(ReadOnlySpan<uint> words)
    {
        var bytes = new byte[words.Length * 4];
        for (var i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * 4), words[i]);
        }

        return bytes;
    }

    /// <summary>An ELF64 file with one segment, readable and executable, that is the whole file.</summary>
    private static byte[] Executable(ushort machine, ReadOnlySpan<byte> code)
    {
        var file = new byte[HeaderBytes + code.Length];
        ReadOnlySpan<byte> identification = [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1];
        identification.CopyTo(file);
        var at = 16;
        Half(2); // ET_EXEC
        Half(machine);
        Word(1);
        Long(LoadAddress + HeaderBytes); // the entry point
        Long(64); // program headers follow
        Long(0); // no sections
        Word(0);
        Half(64);
        Half(56);
        Half(1);
        Half(0);
        Half(0);
        Half(0);
        Word(1); // PT_LOAD
        Word(5); // readable, executable
        Long(0);
        Long(LoadAddress);
        Long(LoadAddress);
        Long((ulong)file.Length);
        Long((ulong)file.Length);
        Long(0x1000);
        code.CopyTo(file.AsSpan(HeaderBytes));
        return file;

        void Half(ushort value)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at), value);
            at += 2;
        }

        void Word(uint value)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at), value);
            at += 4;
        }

        void Long(ulong value)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(at), value);
            at += 8;
        }
    }
}
