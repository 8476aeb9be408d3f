using System;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Mirroring;
using Hmm.Core.Tests.Notifiers;

namespace Hmm.Core.Tests.Mirroring;

/// <summary>
/// The interface of 2020 takes requests and gives results in the same words, and their bits share positions. A collision in the middle
/// leaves both kinds behind, and a driver that tries again with them asks for something else.
/// </summary>
public sealed class LostRequestTests : IDisposable
{
    private const ulong Read = MirrorWorld.Fault;
    private const ulong Write = MirrorWorld.FaultForWriting;
    private readonly MirrorWorld _world = new();
    private readonly RecordingDriver _driver = new();

    public LostRequestTests()
    {
        // Pages: 0 unwritten, 1 written, 2 the zero page, whose replacement collides with the walk that causes it, 3 unwritten.
        _world.Map(0, 4);
        _world.Store(1, 1);
        Assert.Equal(0, _world.Load(2));
        Assert.Equal(HmmStatus.Success, _driver.Subscription.Insert(_world.Space.Notifiers, MirrorWorld.At(0), 4 * 4096));
    }

    public void Dispose()
    {
        _driver.Subscription.Remove();
        _world.Dispose();
    }

    [Fact]
    public void WithOneArrayForBothACollisionLosesRequestsAndMakesUpOthers()
    {
        // Page 0 is not asked for; 1 is, but only for reading; 2 and 3 for writing.
        ulong[] words = [0, Read, Write, Write];

        Assert.Equal(HmmStatus.Busy, Run(words, words));

        // A prefix holds results, the rest still requests.
        Assert.Equal(HmmPfnFlags.None, Linux2020.FlagsOf(words[0]));
        Assert.Equal(HmmPfnFlags.Valid | HmmPfnFlags.Write, Linux2020.FlagsOf(words[1]));
        Assert.NotEqual(0UL, Linux2020.PfnOf(words[1]).Value);
        Assert.Equal([Write, Write], words[2..]);

        // Read as requests, the results ask for page 1 to be writable, which nobody asked for.
        Assert.Equal(HmmPfnFlags.RequestFault | HmmPfnFlags.RequestWrite, Linux2020.DecodeRequest(words[1]));

        // So what was a request for reading fails once the mapping is read-only.
        Assert.Equal(HmmStatus.Success, _world.Space.Protect(MirrorWorld.Pages(1, 1), Protection.Read));
        Assert.Equal(HmmStatus.NotPermitted, Run(words, words));
    }

    [Fact]
    public void WithOneArrayForBothAWriteRequestShrinksWhenThePageComesBackReadable()
    {
        // A page of the device's own memory, read-only there, is reported as it is whatever was asked for: it comes first here.
        ulong[] words = [Write, Read, Write, Write];
        MoveToReadOnlyDeviceMemory(0);

        Assert.Equal(HmmStatus.Busy, Run(words, words));

        Assert.Equal(HmmPfnFlags.RequestFault, Linux2020.DecodeRequest(words[0]));
    }

    [Fact]
    public void WithTwoArraysTheSameRequestCanBeRepeatedUntilItSucceeds()
    {
        ulong[] requests = [0, Read, Write, Write];
        ulong[] words = new ulong[4];

        Assert.Equal(HmmStatus.Busy, Run(requests, words));
        Assert.Equal([0, Read, Write, Write], requests);
        Assert.Equal(HmmStatus.Success, _world.Space.Protect(MirrorWorld.Pages(1, 1), Protection.Read));
        Assert.Equal(HmmStatus.Success, Run(requests, words));

        Assert.Equal(HmmPfnFlags.None, Linux2020.FlagsOf(words[0]));
        Assert.Equal(HmmPfnFlags.Valid, Linux2020.FlagsOf(words[1]));
        Assert.Equal(HmmPfnFlags.Valid | HmmPfnFlags.Write, Linux2020.FlagsOf(words[2]));
    }

    private void MoveToReadOnlyDeviceMemory(int page)
    {
        _world.Store(page, 1);
        Assert.Equal(HmmStatus.Success, _world.Space.Protect(MirrorWorld.Pages(page, 1), Protection.Read));
        Assert.Equal(HmmStatus.Success, _world.Machine.Devices[0].Open(_world.Space).MigrateToDevice(MirrorWorld.Pages(page, 1)));
        Assert.Equal(HmmStatus.Success, _world.Space.Protect(MirrorWorld.Pages(page, 1), Protection.Read | Protection.Write));
    }

    private HmmStatus Run(ulong[] requests, ulong[] words)
    {
        HmmRange range = new()
        {
            Space = _world.Space,
            Notifier = _driver.Subscription,
            NotifierSequence = _driver.Subscription.ReadBegin(),
            Range = MirrorWorld.Pages(0, 4),
            Requests = requests,
            Pfns = words,
            PfnFlagsMask = ulong.MaxValue,
            DevicePrivateOwner = _world.Machine.Devices[0],
        };
        _world.Space.MmapLock.EnterRead();
        HmmStatus status = HmmRangeFault.Run<Linux2020>(ref range);
        _world.Space.MmapLock.ExitRead();
        return status;
    }
}
