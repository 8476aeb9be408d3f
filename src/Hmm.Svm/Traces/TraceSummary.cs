using System.Collections.Generic;

namespace Hmm.Svm.Traces;

/// <summary>What the end of a complete trace says about the whole.</summary>
/// <param name="Records">Accesses in the file.</param>
/// <param name="RawAccesses">Accesses that were imported or recorded, before repeats were dropped; at least <paramref name="Records"/>.</param>
/// <param name="LastTime">Time of the last access, in nanoseconds; 0 if there is none.</param>
/// <param name="PagesTouched">How many different pages of 4 KiB.</param>
/// <param name="Devices">How many devices the accesses name: the highest number of an agent.</param>
/// <param name="Mappings">Named mappings if the recorder knew them; else touched pages, joined where they lie within 2 MiB of each other.</param>
public sealed record TraceSummary(
    long Records, long RawAccesses, long LastTime, long PagesTouched, int Devices, IReadOnlyList<TraceMapping> Mappings);
