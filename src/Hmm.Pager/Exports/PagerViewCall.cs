namespace Hmm.Pager.Exports;

/// <summary>Calls on a userfaultfd descriptor, as events tell them. The numbers are part of the C interface.</summary>
/// <remarks>Thread-safe: constants.</remarks>
public enum PagerViewCall
{
    /// <summary>UFFDIO_CONTINUE: pages that the memory file has are shown; whoever waits for them goes on.</summary>
    Continue,

    /// <summary>UFFDIO_ZEROPAGE: the file gets a page of zeros, and it is shown.</summary>
    ZeroPage,

    /// <summary>UFFDIO_COPY of a page of zeros: the only way to show a fresh page without the right to write to it.</summary>
    Copy,

    /// <summary>UFFDIO_WRITEPROTECT: what is shown may be written from now on.</summary>
    AllowWrite,

    /// <summary>UFFDIO_WAKE: whoever waits looks again.</summary>
    Wake,

    /// <summary>UFFDIO_POISON: touches of the page raise SIGBUS.</summary>
    Poison,
}
