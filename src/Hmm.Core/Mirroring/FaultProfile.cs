namespace Hmm.Core.Mirroring;

/// <summary>How a range fault treats what was not asked for.</summary>
public enum FaultProfile
{
    /// <summary>What suits the call: <see cref="Exact"/> for <see cref="MirrorFault"/>, <see cref="Linux612"/> for <see cref="HmmRangeFault"/>.</summary>
    Default,

    /// <summary>As Linux 6.12: a missing page is faulted together with all that follow in the same piece, and the first obstacle ends the call.</summary>
    Linux612,

    /// <summary>Exactly the pages that ask are faulted; an obstacle is noted for its page, and the walk goes on.</summary>
    Exact,
}
