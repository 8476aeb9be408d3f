using System;
using System.Runtime.CompilerServices;
using Hmm.Linux.Interop;

namespace Hmm.Linux.Tests;

/// <summary>Numbers and structures of the kernel's interface, built up again from its rules.</summary>
public sealed class InterfaceTests
{
    [Fact]
    public void RequestsHoldTheSizesOfTheirStructures()
    {
        Assert.Equal(Uffdio.UFFDIO_API, ReadWrite<Uffdio.uffdio_api>(0x3f));
        Assert.Equal(Uffdio.UFFDIO_REGISTER, ReadWrite<Uffdio.uffdio_register>(0));
        Assert.Equal(Uffdio.UFFDIO_UNREGISTER, Read<Uffdio.uffdio_range>(1));
        Assert.Equal(Uffdio.UFFDIO_WAKE, Read<Uffdio.uffdio_range>(2));
        Assert.Equal(Uffdio.UFFDIO_COPY, ReadWrite<Uffdio.uffdio_copy>(3));
        Assert.Equal(Uffdio.UFFDIO_ZEROPAGE, ReadWrite<Uffdio.uffdio_fill>(4));
        Assert.Equal(Uffdio.UFFDIO_WRITEPROTECT, ReadWrite<Uffdio.uffdio_writeprotect>(6));
        Assert.Equal(Uffdio.UFFDIO_CONTINUE, ReadWrite<Uffdio.uffdio_fill>(7));
        Assert.Equal(Uffdio.UFFDIO_POISON, ReadWrite<Uffdio.uffdio_fill>(8));
    }

    [Fact]
    public void StructuresHaveTheKernelsSizes()
    {
        Assert.Equal(32, Unsafe.SizeOf<UserfaultfdMessage>());
        Assert.Equal(8, Unsafe.SizeOf<PollEntry>());
        Assert.Equal(256, Unsafe.SizeOf<StatX>());
        Assert.Equal(152, Unsafe.SizeOf<SignalAction>());
        Assert.Equal(40, Unsafe.SizeOf<Uffdio.uffdio_copy>());
        Assert.Equal(32, Unsafe.SizeOf<Uffdio.uffdio_fill>());
    }

    [Fact]
    public void AFailureSaysWhatWasAttemptedAndWhatTheKernelSaid()
    {
        var failure = Assert.Throws<LinuxException>(() => MemoryFile.Create(new string('x', 300), 1));
        Assert.Equal((Errno.EINVAL, "memfd_create"), (failure.ErrorNumber, failure.Call));
        Assert.StartsWith("making the memory file 'xxx", failure.Message, StringComparison.Ordinal);
        Assert.EndsWith("failed: memfd_create says EINVAL (Invalid argument).", failure.Message, StringComparison.Ordinal);
        Assert.Equal(("EEXIST", "EEXIST", "ok", "errno 200"), (Errno.NameOf(17), Errno.NameOf(-17), Errno.NameOf(0), Errno.NameOf(-200)));
    }

    private static uint ReadWrite<T>(uint number) => 0xC000AA00 | ((uint)Unsafe.SizeOf<T>() << 16) | number;

    private static uint Read<T>(uint number) => 0x8000AA00 | ((uint)Unsafe.SizeOf<T>() << 16) | number;
}
