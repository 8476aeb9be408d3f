using System;

namespace Hmm.Scenarios.Machines;

/// <summary>What a page of a range request asks for.</summary>
[Flags]
public enum FaultRequest
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The letter <c>f</c>: fault it in.</summary>
    Fault = 1,

    /// <summary>The letter <c>w</c>: writable.</summary>
    Write = 2,
}
