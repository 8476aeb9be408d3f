using System.Runtime.InteropServices;

namespace Hmm.Live.Tests;

/// <summary>A sandbox as containers have them: for the calling thread and those that it starts there is no userfaultfd, by call or by device file.</summary>
internal static unsafe partial class Sandbox
{
    private const ushort LoadWord = 0x20;
    private const ushort JumpIfEqual = 0x15;
    private const ushort Return = 0x06;
    private const uint Allow = 0x7fff_0000;
    private const uint RefuseWithEperm = 0x0005_0001;
    private const uint NumberOffset = 0;
    private const uint SecondArgumentOffset = 24;

    /// <summary>Enters it for good.</summary>
    public static void Enter()
    {
        const int PR_SET_SECCOMP = 22, PR_SET_NO_NEW_PRIVS = 38, SECCOMP_MODE_FILTER = 2;
        const uint USERFAULTFD_IOC_NEW = 0xAA00;
        bool isArm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
        Instruction* code = stackalloc Instruction[]
        {
            new(LoadWord, 0, 0, NumberOffset),
            new(JumpIfEqual, 3, 0, isArm ? 282U : 323U),
            new(JumpIfEqual, 0, 3, isArm ? 29U : 16U),
            new(LoadWord, 0, 0, SecondArgumentOffset),
            new(JumpIfEqual, 0, 1, USERFAULTFD_IOC_NEW),
            new(Return, 0, 0, RefuseWithEperm),
            new(Return, 0, 0, Allow),
        };
        FilterProgram program = new(7, code);
        Assert.Equal(0, Control(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
        Assert.Equal(0, Control(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, (nint)(&program), 0, 0));
    }

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Control(int option, nint second, nint third, nint fourth, nint fifth);

    private readonly record struct Instruction(ushort Code, byte IfTrue, byte IfFalse, uint Value);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct FilterProgram(ushort length, Instruction* code)
    {
        private readonly ushort _length = length;
        private readonly Instruction* _code = code;
    }
}
