using System;

namespace Hmm.Live.Interop;

/// <summary>A call that is in a space: the space stays until it is over.</summary>
internal readonly ref struct SpaceUse : IDisposable
{
    private readonly SpaceHandle _handle;

    /// <exception cref="ObjectDisposedException">The space is gone.</exception>
    public SpaceUse(SpaceHandle handle)
    {
        bool isHeld = false;
        _handle = handle;
        handle.DangerousAddRef(ref isHeld);
    }

    /// <summary>What the pager's functions take.</summary>
    public nint Space => _handle.DangerousGetHandle();

    public void Dispose() => _handle.DangerousRelease();
}
