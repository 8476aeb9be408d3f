using System;
using System.Runtime.InteropServices;
using Hmm.Pager.Measuring;

namespace Hmm.Pager.Exports;

// The bare loop that benchmarks measure the pager against.
public static unsafe partial class PagerExports
{
    /// <summary><c>int hmm_bare_create(int pages, void **bare, uintptr_t *address)</c></summary>
    /// <param name="pages">How many pages.</param>
    /// <param name="bare">The view.</param>
    /// <param name="address">Its first page.</param>
    /// <returns>0 or a negative error number.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_bare_create")]
    public static int CreateBare(int pages, nint* bare, nuint* address)
    {
        try
        {
            BareView view = new(pages);
            *address = view.Start;
            *bare = GCHandle.ToIntPtr(GCHandle.Alloc(view));
            return 0;
        }
        catch (Exception failure)
        {
            return Fail(failure);
        }
    }

    /// <summary><c>void hmm_bare_prepare(void *bare, int state, int window)</c></summary>
    /// <param name="bare">The view.</param>
    /// <param name="state">What every page shall be: 0 untouched, 1 in the pool, 2 in the file and not shown, 3 shown and write-protected.</param>
    /// <param name="window">How many pages a fault brings back from the pool.</param>
    [UnmanagedCallersOnly(EntryPoint = "hmm_bare_prepare")]
    public static void PrepareBare(nint bare, int state, int window)
    {
        BareView view = (BareView)GCHandle.FromIntPtr(bare).Target!;
        switch (state)
        {
            case 0:
                view.Empty();
                break;
            case 1:
                view.MoveOut(window);
                break;
            case 2:
                view.MoveIn();
                break;
            default:
                view.Protect();
                break;
        }
    }

    /// <summary><c>void hmm_bare_destroy(void *bare)</c></summary>
    /// <param name="bare">The view.</param>
    [UnmanagedCallersOnly(EntryPoint = "hmm_bare_destroy")]
    public static void DestroyBare(nint bare)
    {
        ((BareView)GCHandle.FromIntPtr(bare).Target!).Dispose();
        GCHandle.FromIntPtr(bare).Free();
    }
}
