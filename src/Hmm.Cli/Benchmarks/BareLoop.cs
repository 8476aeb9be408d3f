using System;
using Hmm.Live.Interop;

namespace Hmm.Cli.Benchmarks;

/// <summary>The bare loop: the same system calls with no engine.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed unsafe class BareLoop : IDisposable
{
    private readonly nint _bare;

    public BareLoop(int pages)
    {
        nint bare;
        nuint start;
        PagerApi.Check(PagerApi.bare_create(pages, &bare, &start), "hmm_bare_create", "Making a bare view");
        _bare = bare;
        Start = start;
    }

    public nuint Start { get; }

    public void Empty() => PagerApi.bare_prepare(_bare, 0, 1);

    public void MoveOut(int window) => PagerApi.bare_prepare(_bare, 1, window);

    public void MoveIn() => PagerApi.bare_prepare(_bare, 2, 1);

    public void Protect() => PagerApi.bare_prepare(_bare, 3, 1);

    public void Dispose() => PagerApi.bare_destroy(_bare);
}
