using System;
using Hmm.Core.Addressing;

namespace Hmm.Core.Frames;

/// <summary>Fills free frames with a pattern and looks, when they are handed out again, whether somebody wrote to them meanwhile.</summary>
/// <remarks>For stress runs; costs two passes over each frame. Thread-safe: a frame that is being freed or handed out has one owner.</remarks>
internal sealed unsafe class FramePoison
{
    /// <summary>Eight bytes of a free frame; as no reader may ever see them, they say that uninitialised memory was handed out.</summary>
    public const ulong Pattern = 0xDEAD_F4A3_DEAD_F4A3;

    /// <summary>Marks a buried frame in <see cref="PageFrame.Private"/>, which free frames do not use. Frames that were never used are not buried.</summary>
    private const ulong Buried = 0xB0_41ED;

    private readonly FrameTable _frames;
    private readonly Action<Pfn> _violated;

    /// <param name="frames">The frames.</param>
    /// <param name="violated">Is told of a frame that was written to while it was free.</param>
    public FramePoison(FrameTable frames, Action<Pfn> violated)
    {
        _frames = frames;
        _violated = violated;
    }

    /// <summary>A frame becomes free.</summary>
    public void Bury(PageFrame* page)
    {
        new Span<ulong>(_frames.Data(page), PageConstants.PageSize / sizeof(ulong)).Fill(Pattern);
        page->Private = Buried;
    }

    /// <summary>A frame is handed out.</summary>
    public void Exhume(PageFrame* page)
    {
        if (page->Private != Buried)
        {
            return;
        }

        page->Private = 0;
        if (new ReadOnlySpan<ulong>(_frames.Data(page), PageConstants.PageSize / sizeof(ulong)).ContainsAnyExcept(Pattern))
        {
            _violated(page->Pfn);
        }
    }
}
