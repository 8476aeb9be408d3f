using System;
using Hmm.Core.Addressing;
using Hmm.Core.Mirroring;

namespace Hmm.Core.Tests.Mirroring;

/// <summary>A format in the manner of 2018 that contradicts itself is refused at its first use, by a sentence that names it and the clash.</summary>
public sealed class Format2018Tests
{
    [Fact]
    public void FlagsInTheFrameNumberAreRefused() => Refused<SmallShift>("device-private (0x4) lies in the bits of the frame number, 2 to 29");

    [Fact]
    public void AShiftThatLeavesNoRoomIsRefused() => Refused<LargeShift>("a shift of 60 leaves no room for the 28 bits");

    [Fact]
    public void ANoneThatLooksValidIsRefused() => Refused<ValidNone>("none (0x9) has the flag for valid (0x1)");

    [Fact]
    public void AWriteFlagThatIsTheValidFlagIsRefused() => Refused<SameFlags>("write (0x1) is part of that for valid (0x1)");

    [Fact]
    public void ADeviceFlagWithoutABitOfItsOwnIsRefused() => Refused<SharedDeviceFlag>("device-private (0x3) has no bit beside");

    [Fact]
    public void TablesOfTheWrongLengthAreRefused() => Refused<ShortTables>("three flags (valid, write, device-private), not 2");

    [Fact]
    public void AFormatWithFlagsAboveTheFrameNumberGivesTheFrameBack()
    {
        Linux2018<HighFlags>.Check();
        ulong word = Linux2018<HighFlags>.EncodeSystem(new Pfn(0x1234), writable: true, order: 0);
        Assert.Equal((3UL << 62) | 0x1234, word);
        Assert.Equal(0x1234UL, Linux2018<HighFlags>.PfnOf(word).Value);
    }

    private static void Refused<TFormat>(string clash)
        where TFormat : struct, ILinux2018Format
    {
        Action[] uses =
        [
            Linux2018<TFormat>.Check,
            () => _ = Linux2018<TFormat>.None,
            () => Linux2018<TFormat>.EncodeSystem(new Pfn(1), writable: true, order: 0),
            () => Linux2018<TFormat>.EncodeDevice(new Pfn(1), 0, writable: true),
            () => Linux2018<TFormat>.DecodeRequest(1),
            () => Linux2018<TFormat>.PfnOf(1),
        ];
        foreach (Action use in uses)
        {
            ArgumentException failure = Assert.Throws<ArgumentException>(use);
            Assert.Contains(typeof(TFormat).Name, failure.Message, StringComparison.Ordinal);
            Assert.Contains(clash, failure.Message, StringComparison.Ordinal);
        }
    }

    private readonly struct SmallShift : ILinux2018Format
    {
        public static ReadOnlySpan<ulong> Flags => [1, 2, 4];

        public static ReadOnlySpan<ulong> Values => [1UL << 63, 0, 1UL << 62];

        public static int PfnShift => 2;
    }

    private readonly struct LargeShift : ILinux2018Format
    {
        public static ReadOnlySpan<ulong> Flags => [1, 2, 4];

        public static ReadOnlySpan<ulong> Values => [8, 0, 8];

        public static int PfnShift => 60;
    }

    private readonly struct ValidNone : ILinux2018Format
    {
        public static ReadOnlySpan<ulong> Flags => [1, 2, 4];

        public static ReadOnlySpan<ulong> Values => [8, 9, 8];

        public static int PfnShift => 12;
    }

    private readonly struct SameFlags : ILinux2018Format
    {
        public static ReadOnlySpan<ulong> Flags => [1, 1, 4];

        public static ReadOnlySpan<ulong> Values => [8, 0, 8];

        public static int PfnShift => 12;
    }

    private readonly struct SharedDeviceFlag : ILinux2018Format
    {
        public static ReadOnlySpan<ulong> Flags => [1, 2, 3];

        public static ReadOnlySpan<ulong> Values => [8, 0, 8];

        public static int PfnShift => 12;
    }

    private readonly struct ShortTables : ILinux2018Format
    {
        public static ReadOnlySpan<ulong> Flags => [1, 2];

        public static ReadOnlySpan<ulong> Values => [8, 0, 8];

        public static int PfnShift => 12;
    }

    private readonly struct HighFlags : ILinux2018Format
    {
        public static ReadOnlySpan<ulong> Flags => [1UL << 63, 1UL << 62, 0];

        public static ReadOnlySpan<ulong> Values => [1UL << 61, 0, 1UL << 61];

        public static int PfnShift => 0;
    }
}
