using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using Hmm.Core.Addressing;

namespace Hmm.Scenarios.Explaining;

/// <summary>Frames of neighbouring pages in the order of the pages, with consecutive numbers folded.</summary>
/// <remarks>Grows while it is collected; read it from one thread at a time.</remarks>
public sealed class FrameList
{
    private readonly List<(ulong First, ulong Count)> _runs = [];

    /// <summary>How many frames.</summary>
    public ulong Count { get; private set; }

    /// <summary>Whether there are no frames.</summary>
    public bool IsEmpty => Count == 0;

    /// <summary>The runs: <c>12..15</c> (both ends inclusive) or <c>7</c>.</summary>
    public IReadOnlyList<string> Runs => [.. _runs.Select(Text)];

    /// <inheritdoc/>
    public override string ToString() => Describe(int.MaxValue);

    /// <summary>The runs in one text, at most some of them.</summary>
    /// <param name="runsMax">How many runs at most.</param>
    /// <returns>For instance <c>12..15, 7, ...</c>.</returns>
    public string Describe(int runsMax)
    {
        var text = new StringBuilder();
        text.AppendJoin(", ", _runs.Take(runsMax).Select(Text));
        return text.Append(_runs.Count > runsMax ? ", ..." : "").ToString();
    }

    internal void Add(Pfn frame, ulong count = 1)
    {
        if (frame.IsNone)
        {
            return;
        }

        Count += count;
        if (_runs.Count > 0 && _runs[^1].First + _runs[^1].Count == frame.Value)
        {
            _runs[^1] = (_runs[^1].First, _runs[^1].Count + count);
        }
        else
        {
            _runs.Add((frame.Value, count));
        }
    }

    internal void Add(FrameList next)
    {
        foreach ((ulong first, ulong count) in next._runs)
        {
            Add(new Pfn(first), count);
        }
    }

    private static string Text((ulong First, ulong Count) run) => run.Count == 1
        ? run.First.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{run.First}..{run.First + run.Count - 1}");
}
