using System;
using Hmm.Core;
using Hmm.Core.Addressing;

namespace Hmm.Svm.Workloads;

/// <summary>A workload's own access did not succeed: the machine under it, or the driver profile, gave up on an access that is right.</summary>
public sealed class WorkloadException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="agent">Who accessed.</param>
    /// <param name="address">The first byte of the access.</param>
    /// <param name="status">What came of it.</param>
    public WorkloadException(int agent, VirtualAddress address, HmmStatus status)
        : base($"An access of agent {agent} at {address} ended with {status}.")
    {
        Address = address;
        Status = status;
    }

    /// <summary>The first byte of the access.</summary>
    public VirtualAddress Address { get; }

    /// <summary>What came of it.</summary>
    public HmmStatus Status { get; }
}
