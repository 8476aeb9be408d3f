using System;
using System.Runtime.InteropServices;

namespace Hmm.Live.Interop;

/// <summary>Owns a space of the pager. It is destroyed when it is disposed and no call is in it any more.</summary>
/// <remarks>Thread-safe. Not finalized: spans and pointers keep nothing alive, so a space that nobody disposes stays as long as the process.</remarks>
internal sealed unsafe class SpaceHandle : SafeHandle
{
    /// <summary>Takes a space over.</summary>
    public SpaceHandle(nint space)
        : base(0, ownsHandle: true)
    {
        SetHandle(space);
        GC.SuppressFinalize(this);
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        PagerApi.space_destroy(handle);
        return true;
    }
}
