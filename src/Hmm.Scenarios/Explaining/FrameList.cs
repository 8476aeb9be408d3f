using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using Hmm.Core.Addressing;

namespace Hmm.Scenarios.Explaining;

/// <summary>Frames of neighbouring pages in the order of the pages, with numbers that rise or fall by one folded.</summary>
/// <remarks>Grows while it is collected; read it from one thread at a time.</remarks>
public sealed class FrameList
{
    private readonly List<(ulong First, ulong Last)> _runs = [];

    /// <summary>How many frames.</summary>
    public ulong Count { get; private set; }

    /// <summary>Whether there are no frames.</summary>
    public bool IsEmpty => Count == 0;

    /// <summary>The runs: <c>12..15</c> or <c>15..12</c> (both ends inclusive), or <c>7</c>.</summary>
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

    internal void Add(Pfn frame)
    {
        if (frame.IsNone)
        {
            return;
        }

        Count++;
        if (_runs.Count > 0 && Follows(_runs[^1], frame.Value))
        {
            _runs[^1] = (_runs[^1].First, frame.Value);
        }
        else
        {
            _runs.Add((frame.Value, frame.Value));
        }
    }

    internal void Add(FrameList next)
    {
        foreach ((ulong first, ulong last) in next._runs)
        {
            for (ulong frame = first; frame != last; frame = last > first ? frame + 1 : frame - 1)
            {
                Add(new Pfn(frame));
            }

            Add(new Pfn(last));
        }
    }

    private static bool Follows((ulong First, ulong Last) run, ulong frame) =>
        run.First == run.Last ? frame == run.Last + 1 || frame + 1 == run.Last
        : run.First < run.Last ? frame == run.Last + 1
        : frame + 1 == run.Last;

    private static string Text((ulong First, ulong Last) run) => run.First == run.Last
        ? run.First.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{run.First}..{run.Last}");
}
