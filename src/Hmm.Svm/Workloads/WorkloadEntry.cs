using System;
using Hmm.Svm.Policies;

namespace Hmm.Svm.Workloads;

/// <summary>A workload that can be named.</summary>
/// <param name="Name">Its name: lower case, without colons.</param>
/// <param name="Summary">A line for lists.</param>
/// <param name="Settings">What it takes, for lists: <c>size, rounds</c>.</param>
/// <param name="Make">Makes one; throws <see cref="FormatException"/> with a sentence for settings that make no sense.</param>
public sealed record WorkloadEntry(string Name, string Summary, string Settings, Func<PolicySettings, Workload> Make);
