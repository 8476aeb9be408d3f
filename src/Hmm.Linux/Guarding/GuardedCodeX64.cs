using System;

namespace Hmm.Linux.Guarding;

/// <summary>x86-64 code: a signal handler, and moves of memory that it guards.</summary>
/// <remarks>
/// <para>Thread-safe: constant. It holds no addresses, so it runs wherever it is put; the words before <see cref="GuardedCode.HandlerOffset"/>,
/// which are not part of it, are the earlier handlers of SIGSEGV and SIGBUS and 32 bytes of zeros (a kernel sigaction with the default action).</para>
/// <para>A move is called with (rdi from, rsi to, rcx the fault's place), that of any number with (rdi to, rsi from, rdx length, rcx the fault's place);
/// the addition with (rdi the value, then what was there before; rsi where, rcx the fault's place).
/// Its register of the fault's place survives until the fix-up, which is what lets one fix-up serve all moves.</para>
/// </remarks>
internal static class GuardedCodeX64
{
    /// <summary>Bytes from the page's start to the addition.</summary>
    internal const int AddOffset = 0x110;

    internal static ReadOnlySpan<byte> Code =>
    [
        // The handler: (signal, siginfo, ucontext).
        0x48, 0x8b, 0x82, 0xa8, 0x00, 0x00, 0x00,        // mov rax, [rdx+0xa8]
        0x48, 0x8d, 0x0d, 0x72, 0x00, 0x00, 0x00,        // lea rcx, begin
        0x48, 0x39, 0xc8,                                // cmp rax, rcx
        0x72, 0x34,                                      // jb chain
        0x48, 0x8d, 0x0d, 0xc7, 0x00, 0x00, 0x00,        // lea rcx, end
        0x48, 0x39, 0xc8,                                // cmp rax, rcx
        0x73, 0x28,                                      // jae chain
        0x89, 0xf8,                                      // mov eax, edi
        0x48, 0x89, 0x82, 0x90, 0x00, 0x00, 0x00,        // mov [rdx+0x90], rax
        0x48, 0x8b, 0x46, 0x10,                          // mov rax, [rsi+0x10]
        0x48, 0x89, 0x42, 0x28,                          // mov [rdx+0x28], rax
        0x48, 0x63, 0x46, 0x08,                          // movsxd rax, [rsi+0x8]
        0x48, 0x89, 0x42, 0x30,                          // mov [rdx+0x30], rax
        0x48, 0x8d, 0x05, 0x39, 0x00, 0x00, 0x00,        // lea rax, fixup
        0x48, 0x89, 0x82, 0xa8, 0x00, 0x00, 0x00,        // mov [rdx+0xa8], rax
        0xc3,                                            // ret
        // Not ours: on to the handler that was there before.
        0x48, 0x8b, 0x05, 0x72, 0xff, 0xff, 0xff,        // mov rax, segv
        0x83, 0xff, 0x07,                                // cmp edi, 0x7
        0x48, 0x0f, 0x44, 0x05, 0x6f, 0xff, 0xff, 0xff,  // cmove rax, bus
        0x48, 0x83, 0xf8, 0x01,                          // cmp rax, 0x1
        0x76, 0x02,                                      // jbe default
        0xff, 0xe0,                                      // jmp rax
        // There was none: back to the default action, and let the instruction fault again.
        0xb8, 0x0d, 0x00, 0x00, 0x00,                    // mov eax, 0xd
        0x48, 0x8d, 0x35, 0x63, 0xff, 0xff, 0xff,        // lea rsi, dfl
        0x31, 0xd2,                                      // xor edx, edx
        0x41, 0xba, 0x08, 0x00, 0x00, 0x00,              // mov r10d, 0x8
        0x0f, 0x05,                                      // syscall
        0xc3,                                            // ret
        // Where a guarded instruction that faulted goes on: writes address and code, returns the signal.
        0x4d, 0x89, 0x02,                                // mov [r10], r8
        0x4d, 0x89, 0x4a, 0x08,                          // mov [r10+0x8], r9
        0xc3,                                            // ret
        // Guarded from here on: one byte
        0x49, 0x89, 0xca,                                // mov r10, rcx
        0x0f, 0xb6, 0x07,                                // movzx eax, [rdi]
        0x88, 0x06,                                      // mov [rsi], al
        0x31, 0xc0,                                      // xor eax, eax
        0xc3,                                            // ret
        0xcc, 0xcc, 0xcc, 0xcc, 0xcc,
        // two bytes
        0x49, 0x89, 0xca,                                // mov r10, rcx
        0x0f, 0xb7, 0x07,                                // movzx eax, [rdi]
        0x66, 0x89, 0x06,                                // mov [rsi], ax
        0x31, 0xc0,                                      // xor eax, eax
        0xc3,                                            // ret
        0xcc, 0xcc, 0xcc, 0xcc,
        // four bytes
        0x49, 0x89, 0xca,                                // mov r10, rcx
        0x8b, 0x07,                                      // mov eax, [rdi]
        0x89, 0x06,                                      // mov [rsi], eax
        0x31, 0xc0,                                      // xor eax, eax
        0xc3,                                            // ret
        0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc,
        // eight bytes
        0x49, 0x89, 0xca,                                // mov r10, rcx
        0x48, 0x8b, 0x07,                                // mov rax, [rdi]
        0x48, 0x89, 0x06,                                // mov [rsi], rax
        0x31, 0xc0,                                      // xor eax, eax
        0xc3,                                            // ret
        0xcc, 0xcc, 0xcc, 0xcc,
        // any number of bytes
        0x49, 0x89, 0xca,                                // mov r10, rcx
        0x48, 0x89, 0xd1,                                // mov rcx, rdx
        0xf3, 0xa4,                                      // rep movs [rdi], [rsi]
        0x31, 0xc0,                                      // xor eax, eax
        0xc3,                                            // ret
        0xcc, 0xcc, 0xcc, 0xcc, 0xcc,
        // an addition to eight bytes
        0x49, 0x89, 0xca,                                // mov r10, rcx
        0x48, 0x8b, 0x07,                                // mov rax, [rdi]
        0xf0, 0x48, 0x0f, 0xc1, 0x06,                    // lock xadd [rsi], rax
        0x48, 0x89, 0x07,                                // mov [rdi], rax
        0x31, 0xc0,                                      // xor eax, eax
        0xc3,                                            // ret
    ];
}
