using System;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Faults;
using Hmm.Core.Mirroring;

namespace Hmm.Simulation.Tests.Mirroring;

/// <summary>The words of each format, written by the one walker.</summary>
public sealed class EncodingTests : IDisposable
{
    private readonly MirrorBench _bench = new(8);

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void TwoDevicesOfDifferentFormatsMirrorOneAddressSpace()
    {
        // Page 0 is the process's own, page 1 the zero page, page 2 nothing.
        _bench.Store(0, 1);
        _bench.Load(1);
        ulong[] fixedBits = Snapshot<Linux2020>();
        ulong[] nouveau = Snapshot<Nouveau>();

        ulong own = Linux2020.PfnOf(fixedBits[0]).Value;
        Assert.Equal(HmmPfnFlags.Valid | HmmPfnFlags.Write, Linux2020.FlagsOf(fixedBits[0]));
        Assert.Equal((own << 12) | Nouveau.Valid | Nouveau.Write, nouveau[0]);
        Assert.Equal(HmmPfnFlags.Valid, Linux2020.FlagsOf(fixedBits[1]));
        Assert.Equal((_bench.Machine.Memory.ZeroPage.Value << 12) | Nouveau.Valid, nouveau[1]);
        Assert.Equal(0UL, fixedBits[2]);
        Assert.Equal(Nouveau.None, nouveau[2]);
    }

    [Fact]
    public void NouveauWordsOfDeviceMemoryNameItsVramAddress()
    {
        _bench.Store(3, 9);
        Assert.Equal(HmmStatus.Success, _bench.Device.MigrateToDevice(MirrorBench.Page(3)));
        ulong word = Snapshot<Nouveau>()[3];

        Pfn page = Linux2020.PfnOf(Snapshot<Linux2020>()[3]);
        ulong vram = _bench.Device.Device.Pagemap.DeviceAddress(page);
        Assert.Equal(vram | Nouveau.Vram | Nouveau.Valid | Nouveau.Write, word);
        Assert.True(vram < 1UL << 32, "An address in the device's memory begins at zero, whatever the frame's number is.");
    }

    [Fact]
    public void AmdAndX64LeafEntriesAreOneSmallFileEach()
    {
        _bench.Store(0, 1);
        ulong address = Linux2020.PfnOf(Snapshot<Linux2020>()[0]).Value << 12;
        Assert.Equal(address | 0b0111_0111, Snapshot<Amdgpu>()[0]);
        Assert.Equal(address | (1UL << 63) | 0b111, Snapshot<X64>()[0]);
    }

    [Fact]
    public void APageOfDeviceMemoryThatAFormatCannotNameComesHomeWhenItIsAskedFor()
    {
        _bench.Store(3, 9);
        Assert.Equal(HmmStatus.Success, _bench.Device.MigrateToDevice(MirrorBench.Page(3)));
        Assert.Equal(X64.None, Snapshot<X64>()[3]);
        Assert.NotEqual(Nouveau.None, Snapshot<Nouveau>()[3]);

        ulong[] words = new ulong[8];
        HmmRange range = _bench.Ask(words);
        range.Requests = new ulong[] { 0, 0, 0, 1, 0, 0, 0, 0 };
        range.PfnFlagsMask = ulong.MaxValue;
        range.Profile = FaultProfile.Exact;
        Assert.Equal(HmmStatus.Success, _bench.Run<X64>(ref range));
        Assert.Equal(1UL, words[3] & 1);
        Assert.Equal(0, (int)_bench.Device.Device.Pagemap.PagesInUse);
    }

    [Fact]
    public void DeviceRegistersAreSpecialAndFailedMemoryIsAnErrorInAFormatOf2018()
    {
        _bench.Store(0, 1);
        Assert.Equal(HmmStatus.Success, _bench.Space.Advise(MirrorBench.Page(0), MemoryAdvice.HwPoison, out _));
        Assert.Equal(HmmStatus.Success, _bench.Space.MapDeviceRegisters(MirrorBench.Page(1), Protection.Read | Protection.Write));

        Assert.Equal([0xE0UL, 0xC0UL], Snapshot<Linux2018<DistinctFormat>>()[..2]);
        // Since 5.8 failed memory looks like nothing, until it is asked for.
        Assert.Equal([Linux2020.None, Linux2020.Error], Snapshot<Linux2020>()[..2]);

        ulong[] words = new ulong[8];
        PageObstacle[] obstacles = new PageObstacle[8];
        HmmRange range = _bench.Ask(words, obstacles);
        range.DefaultFlags = DistinctFormat.Flags[0];
        range.Profile = FaultProfile.Exact;
        Assert.Equal(HmmStatus.Poisoned, _bench.Run<Linux2018<DistinctFormat>>(ref range));
        Assert.Equal([0xE0UL, 0xC0UL], words[..2]);
        Assert.Equal([PageObstacle.Poisoned, PageObstacle.Special, PageObstacle.None], obstacles[..3]);
    }

    [Fact]
    public void DeviceRegistersBelongToNobodyButTheirDevice()
    {
        VirtualRange registers = MirrorBench.Page(1, 2);
        Assert.Equal(HmmStatus.Success, _bench.Space.MapDeviceRegisters(registers, Protection.Read | Protection.Write));
        Assert.Equal(HmmStatus.Success, _bench.Space.Fork(out AddressSpace? child));
        foreach (AddressSpace space in new[] { _bench.Space, child! })
        {
            Assert.Equal(CpuSignal.Bus, space.Write(registers.Start, [1]));
            Assert.Equal(HmmStatus.Fault, space.Pin(registers, write: true, out _));
            Assert.Equal(HmmStatus.Invalid, space.Advise(registers, MemoryAdvice.DontNeed, out _));
            Assert.Equal(HmmStatus.Invalid, space.Advise(registers, MemoryAdvice.PageOut, out _));
        }

        Assert.NotEqual(HmmStatus.Success, _bench.Device.MigrateToDevice(registers));
        child!.Exit();
        Assert.Equal(HmmStatus.Success, _bench.Space.Unmap(registers));
    }

    [Fact]
    public void FourPagesAtOnceAreWrittenLikeOneByOne()
    {
        for (int page = 0; page < 8; page += 3)
        {
            _bench.Store(page, 1);
        }

        _bench.Load(1);
        CompareWithSingles<Linux2020>();
        CompareWithSingles<Nouveau>();
        CompareWithSingles<Amdgpu>();
        CompareWithSingles<X64>();
        CompareWithSingles<Linux2018<GoodFormat>>();
    }

    [Fact]
    public void AFormatOf2018MayUseSeveralBitsForAFlagAndOneValueForErrorAndSpecial()
    {
        _bench.Store(0, 1);
        Assert.Equal(HmmStatus.Success, _bench.Space.Protect(MirrorBench.Page(5), Protection.None));
        ulong[] words = Snapshot<Linux2018<GoodFormat>>();

        Assert.Equal(0b11UL | (0b1100UL), words[0] & 0xFF);
        Assert.Equal(0xEEUL, words[5]);
        Assert.Equal(Linux2018<GoodFormat>.Special, Linux2018<GoodFormat>.Error);
        Assert.Equal(0UL, words[2]);
    }

    [Fact]
    public void AFormatOf2018WhoseNoneLooksLikeAnErrorIsRefusedWithASentence()
    {
        ArgumentException failure = Assert.Throws<ArgumentException>(() => Snapshot<Linux2018<ContradictoryFormat>>());
        Assert.Contains(nameof(ContradictoryFormat), failure.Message, StringComparison.Ordinal);
        Assert.Contains("none must differ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void APageThatNobodyMayTouchIsNoneInAnEncodingThatDoesNotSayOtherwise()
    {
        Assert.Equal(PlainEncoding.None, Inaccessible<PlainEncoding>());
        Assert.Equal(Nouveau.None, Inaccessible<Nouveau>());
        Assert.Equal(5UL, Inaccessible<Linux2020>());
    }

    [Fact]
    public void RequestsAreInTheFormatOfTheResults()
    {
        ulong[] words = new ulong[8];
        ulong[] requests = new ulong[8];
        requests[2] = Nouveau.Valid | Nouveau.Write;
        HmmRange range = _bench.Ask(words);
        range.Requests = requests;
        range.PfnFlagsMask = ulong.MaxValue;
        range.Profile = FaultProfile.Exact;
        Assert.Equal(HmmStatus.Success, _bench.Run<Nouveau>(ref range));
        Assert.Equal(Nouveau.Valid | Nouveau.Write, words[2] & 0xFF);
        Assert.Equal(Nouveau.None, words[1]);
        Assert.Equal(Nouveau.None, words[3]);
    }

    [Fact]
    public void AFormatOf2018CanAskForAPageToComeHome()
    {
        _bench.Store(2, 9);
        Assert.Equal(HmmStatus.Success, _bench.Device.MigrateToDevice(MirrorBench.Page(2)));
        ulong valid = GoodFormat.Flags[0];
        ulong device = GoodFormat.Flags[2];
        ulong[] words = new ulong[8];
        ulong[] requests = new ulong[8];
        requests[2] = valid;
        Assert.Equal(device, FaultExactly(words, requests)[2] & device);

        requests[2] = device;
        Assert.Equal(device, FaultExactly(words, requests)[2] & device);

        requests[2] = valid | device;
        Assert.Equal(valid, FaultExactly(words, requests)[2] & (valid | device));
        Assert.Equal(9, _bench.Load(2));
    }

    private ulong[] FaultExactly(ulong[] words, ulong[] requests)
    {
        HmmRange range = _bench.Ask(words);
        range.Requests = requests;
        range.PfnFlagsMask = ulong.MaxValue;
        range.Profile = FaultProfile.Exact;
        Assert.Equal(HmmStatus.Success, _bench.Run<Linux2018<GoodFormat>>(ref range));
        return words;
    }

    private ulong[] Snapshot<TEncoding>()
        where TEncoding : struct, IPfnEncoding
    {
        ulong[] words = new ulong[_bench.Pages];
        HmmRange range = _bench.Ask(words);
        Assert.Equal(HmmStatus.Success, _bench.Run<TEncoding>(ref range));
        return words;
    }

    private void CompareWithSingles<TEncoding>()
        where TEncoding : struct, IPfnEncoding
    {
        ulong[] whole = Snapshot<TEncoding>();
        for (int page = 0; page < _bench.Pages; page++)
        {
            ulong[] one = new ulong[1];
            HmmRange range = _bench.Ask(one);
            range.Range = MirrorBench.Page(page);
            Assert.Equal(HmmStatus.Success, _bench.Run<TEncoding>(ref range));
            Assert.Equal(one[0], whole[page]);
        }
    }

    private readonly struct GoodFormat : ILinux2018Format
    {
        public static ReadOnlySpan<ulong> Flags => [0b11, 0b1100, 0b10000];

        public static ReadOnlySpan<ulong> Values => [0xEE, 0, 0xEE];

        public static int PfnShift => 8;
    }

    private readonly struct DistinctFormat : ILinux2018Format
    {
        public static ReadOnlySpan<ulong> Flags => [1, 2, 4];

        public static ReadOnlySpan<ulong> Values => [0xE0, 0, 0xC0];

        public static int PfnShift => 12;
    }

    private readonly struct ContradictoryFormat : ILinux2018Format
    {
        public static ReadOnlySpan<ulong> Flags => [1, 2, 4];

        public static ReadOnlySpan<ulong> Values => [0, 0, 8];

        public static int PfnShift => 12;
    }

    private static ulong Inaccessible<TEncoding>()
        where TEncoding : struct, IPfnEncoding => TEncoding.EncodeInaccessible<TEncoding>(new Pfn(5));

    private readonly struct PlainEncoding : IPfnEncoding
    {
        public static ulong None => 0x77;

        public static ulong Error => 0x78;

        public static ulong FrameStride => 1UL << 12;

        public static ulong EncodeSystem(Pfn pfn, bool writable, int order) => (pfn.Value << 12) | 1;

        public static ulong EncodeDevice(Pfn pfn, ulong deviceAddress, bool writable) => None;

        public static HmmPfnFlags DecodeRequest(ulong word) => HmmPfnFlags.None;
    }
}
