using System;
using System.Collections.Generic;

namespace Hmm.Scenarios.Explaining;

/// <summary>Folds what happened page after page, so that 70 pages take as many lines as one.</summary>
internal static class EventFolder
{
    private const int StepsMax = 6;

    public static IReadOnlyList<EventGroup> Fold(IReadOnlyList<TraceEvent> events)
    {
        var groups = new List<EventGroup>();
        for (int at = 0; at < events.Count;)
        {
            EventGroup group = Longest(events, at);
            groups.Add(group);
            at += group.Times * group.Events.Count;
        }

        return groups;
    }

    private static EventGroup Longest(IReadOnlyList<TraceEvent> events, int at)
    {
        for (int steps = 1; steps <= StepsMax; steps++)
        {
            EventGroup group = Repeat(events, at, steps);
            // Two rounds of several steps are easier to read one after the other.
            if (group.Times > (steps == 1 ? 1 : 2))
            {
                return group;
            }
        }

        return new EventGroup(1, [events[at]]);
    }

    private static EventGroup Repeat(IReadOnlyList<TraceEvent> events, int at, int steps)
    {
        if (at + steps > events.Count || !IsRound(events, at, steps))
        {
            return new EventGroup(0, []);
        }

        var joined = new TraceEvent[steps];
        for (int i = 0; i < steps; i++)
        {
            joined[i] = events[at + i];
        }

        int times = 1;
        while (TryJoin(events, at + (times * steps), joined))
        {
            times++;
        }

        return new EventGroup(times, joined);
    }

    /// <summary>A round does not begin inside a fault that began before it.</summary>
    private static bool IsRound(IReadOnlyList<TraceEvent> events, int at, int steps)
    {
        for (int i = 1; i < steps; i++)
        {
            if (events[at + i].Depth < events[at].Depth)
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryJoin(IReadOnlyList<TraceEvent> events, int at, TraceEvent[] joined)
    {
        if (at + joined.Length > events.Count)
        {
            return false;
        }

        var next = new TraceEvent[joined.Length];
        for (int i = 0; i < joined.Length; i++)
        {
            if (joined[i].Join(events[at + i]) is not { } both)
            {
                return false;
            }

            next[i] = both;
        }

        Array.Copy(next, joined, next.Length);
        return true;
    }
}
