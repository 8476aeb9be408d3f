using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Hmm.Core.Migration;
using Hmm.Linux;

namespace Hmm.Live;

/// <summary>What became of a range that was to move.</summary>
/// <remarks>Thread-safe: immutable.</remarks>
public sealed class LiveMove
{
    internal LiveMove(long moved, ReadOnlySpan<long> refusals, int error)
    {
        Moved = moved;
        Error = error;
        Dictionary<MigrateRefusal, long> stayed = [];
        for (int i = 1; i < refusals.Length; i++)
        {
            if (refusals[i] > 0)
            {
                stayed.Add((MigrateRefusal)i, refusals[i]);
            }
        }

        Stayed = stayed;
    }

    /// <summary>How many pages moved.</summary>
    public long Moved { get; }

    /// <summary>How many pages stayed where they were, by reason. Pages that nobody has touched yet are in no count: there is nothing to move.</summary>
    public IReadOnlyDictionary<MigrateRefusal, long> Stayed { get; }

    /// <summary>The pool's error, a negative error number; 0 if it had none. Pages that it did not take or give stayed where they were.</summary>
    public int Error { get; }

    /// <inheritdoc/>
    public override string ToString()
    {
        string stayed = string.Join(", ", Stayed.OrderBy(pair => pair.Key).Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key} {pair.Value}")));
        return string.Create(CultureInfo.InvariantCulture, $"{Moved} pages moved")
            + (stayed.Length > 0 ? $"; stayed: {stayed}" : "") + (Error != 0 ? $"; the pool says {Errno.NameOf(Error)}" : "");
    }
}
