using System;

namespace Hmm.Linux.Guarding;

/// <summary>arm64 code: a signal handler, and moves of memory that it guards.</summary>
/// <remarks>
/// <para>Thread-safe: constant. It holds no addresses, so it runs wherever it is put; the words before <see cref="GuardedCode.HandlerOffset"/>,
/// which are not part of it, are the earlier handlers of SIGSEGV and SIGBUS and 32 bytes of zeros (a kernel sigaction with the default action).</para>
/// <para>A move is called with (x0 from, x1 to, x3 the fault's place), that of any number with (x0 to, x1 from, x2 length, x3 the fault's place);
/// the addition with (x0 the value, then what was there before; x1 where, x3 the fault's place).
/// Its register of the fault's place survives until the fix-up, which is what lets one fix-up serve all moves.</para>
/// </remarks>
internal static class GuardedCodeArm64
{
    /// <summary>Bytes from the page's start to the addition.</summary>
    internal const int AddOffset = 0x140;

    internal static ReadOnlySpan<uint> Code =>
    [
        // The handler: (signal, siginfo, ucontext).
        0xf940dc49,               // ldr x9, [x2, #440]
        0x100003ea,               // adr x10, begin
        0xeb0a013f,               // cmp x9, x10
        0x540001a3,               // b.cc chain
        0x1000088a,               // adr x10, end
        0xeb0a013f,               // cmp x9, x10
        0x54000142,               // b.cs chain
        0x2a0003e9,               // mov w9, w0
        0xf9005c49,               // str x9, [x2, #184]
        0xf9400829,               // ldr x9, [x1, #16]
        0xf9006049,               // str x9, [x2, #192]
        0xb9800829,               // ldrsw x9, [x1, #8]
        0xf9006449,               // str x9, [x2, #200]
        0x10000209,               // adr x9, fixup
        0xf900dc49,               // str x9, [x2, #440]
        0xd65f03c0,               // ret
        // Not ours: on to the handler that was there before.
        0x58fffc09,               // ldr x9, segv
        0x58fffc2a,               // ldr x10, bus
        0x71001c1f,               // cmp w0, #0x7
        0x9a890149,               // csel x9, x10, x9, eq
        0xf100053f,               // cmp x9, #0x1
        0x54000049,               // b.ls default
        0xd61f0120,               // br x9
        // There was none: back to the default action, and let the instruction fault again.
        0xd28010c8,               // mov x8, #0x86
        0x10fffb81,               // adr x1, dfl
        0xd2800002,               // mov x2, #0x0
        0xd2800103,               // mov x3, #0x8
        0xd4000001,               // svc #0x0
        0xd65f03c0,               // ret
        // Where a guarded instruction that faulted goes on: writes address and code, returns the signal.
        0xf9000061,               // str x1, [x3]
        0xf9000462,               // str x2, [x3, #8]
        0xd65f03c0,               // ret
        // Guarded from here on: one byte
        0x39400004,               // ldrb w4, [x0]
        0x39000024,               // strb w4, [x1]
        0x14000019,               // b done
        0xd503201f,               // nop
        // two bytes
        0x79400004,               // ldrh w4, [x0]
        0x79000024,               // strh w4, [x1]
        0x14000015,               // b done
        0xd503201f,               // nop
        // four bytes
        0xb9400004,               // ldr w4, [x0]
        0xb9000024,               // str w4, [x1]
        0x14000011,               // b done
        0xd503201f,               // nop
        // eight bytes
        0xf9400004,               // ldr x4, [x0]
        0xf9000024,               // str x4, [x1]
        0x1400000d,               // b done
        0xd503201f,               // nop
        // any number of bytes
        0xf100205f,               // cmp x2, #0x8
        0x540000a3,               // b.cc tail
        0xf8408424,               // ldr x4, [x1], #8
        0xf8008404,               // str x4, [x0], #8
        0xd1002042,               // sub x2, x2, #0x8
        0x17fffffb,               // b copy
        // the last bytes
        0xb40000a2,               // cbz x2, done
        0x38401424,               // ldrb w4, [x1], #1
        0x38001404,               // strb w4, [x0], #1
        0xd1000442,               // sub x2, x2, #0x1
        0x17fffffc,               // b tail
        // all went well
        0xd2800000,               // mov x0, #0x0
        0xd65f03c0,               // ret
        0xd503201f,               // nop
        0xd503201f,               // nop
        0xd503201f,               // nop
        // an addition to eight bytes
        0xf9400005,               // ldr x5, [x0]
        0xc85ffc24,               // ldaxr x4, [x1]
        0x8b050086,               // add x6, x4, x5
        0xc807fc26,               // stlxr w7, x6, [x1]
        0x35ffffa7,               // cbnz w7, ldaxr
        0xf9000004,               // str x4, [x0]
        0xd2800000,               // mov x0, #0x0
        0xd65f03c0,               // ret
    ];
}
