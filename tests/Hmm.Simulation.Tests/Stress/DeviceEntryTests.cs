using Hmm.Core.Addressing;
using Hmm.Core.Mirroring;
using Hmm.Simulation.Stress;

namespace Hmm.Simulation.Tests.Stress;

/// <summary>The stress drivers read their words by the bits of the formats, and find what the encodings wrote.</summary>
public sealed class DeviceEntryTests
{
    private static readonly Pfn Page = new(0x1234);

    [Fact]
    public void EveryFormatIsReadAsItWasWritten()
    {
        Compare<Linux2020>();
        Compare<Nouveau>();
        Compare<Amdgpu>();
        Compare<X64>();
        Compare<Linux2018<StressFormat2018>>();
    }

    private static void Compare<TEncoding>()
        where TEncoding : struct, IPfnEncoding
    {
        using StressWorld world = new(new StressOptions(default, 1, Seed: 1));
        Assert.Equal(new DeviceEntry(true, true, Page), DeviceEntry.Read<TEncoding>(TEncoding.EncodeSystem(Page, true, 0), world.Device));
        Assert.Equal(new DeviceEntry(true, false, Page), DeviceEntry.Read<TEncoding>(TEncoding.EncodeSystem(Page, false, 9), world.Device));
        Assert.False(DeviceEntry.Read<TEncoding>(TEncoding.None, world.Device).IsValid);
        Assert.False(DeviceEntry.Read<TEncoding>(TEncoding.Error, world.Device).IsValid);
        Assert.Equal(HmmPfnFlags.RequestFault, TEncoding.DecodeRequest(DeviceEntry.Request<TEncoding>(write: false)));
        Assert.Equal(HmmPfnFlags.RequestFault | HmmPfnFlags.RequestWrite, TEncoding.DecodeRequest(DeviceEntry.Request<TEncoding>(write: true)));
        world.CheckAtRest();
        Assert.True(world.Log.IsEmpty);
    }
}
