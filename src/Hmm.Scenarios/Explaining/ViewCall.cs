namespace Hmm.Scenarios.Explaining;

/// <summary>What is done to the view of live memory through its userfaultfd descriptor.</summary>
public enum ViewCall
{
    /// <summary>UFFDIO_CONTINUE: pages of the memory file are shown.</summary>
    Continue,

    /// <summary>UFFDIO_ZEROPAGE: the file gets a page of zeros, and it is shown.</summary>
    ZeroPage,

    /// <summary>UFFDIO_COPY of a page of zeros.</summary>
    Copy,

    /// <summary>UFFDIO_WRITEPROTECT: the page may be written from now on.</summary>
    AllowWrite,

    /// <summary>UFFDIO_WAKE: whoever waits looks again.</summary>
    Wake,

    /// <summary>UFFDIO_POISON: touches raise SIGBUS.</summary>
    Poison,
}
