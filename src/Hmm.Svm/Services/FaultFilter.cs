using System;

namespace Hmm.Svm.Services;

/// <summary>Remembers faults that were seen lately, so that a device which repeats them is not listened to twice.</summary>
/// <remarks>Under the device's service lock. A ring that forgets the oldest, and buckets that find them. No allocation after construction. Source: the fault filter of
/// amdgpu.</remarks>
internal sealed class FaultFilter(int entries, long memoryNs)
{
    private readonly (int Space, ulong Page, long Time, int Next)[] _ring = new (int, ulong, long, int)[entries];
    private readonly int[] _buckets = NewBuckets(entries);
    private int _next;

    /// <summary>Whether the fault was seen lately; if not, it is from now on.</summary>
    public bool IsKnown(int space, ulong page, long now)
    {
        ref int bucket = ref _buckets[BucketOf(space, page)];
        for (int at = bucket, steps = 0; at >= 0 && steps < _ring.Length; at = _ring[at].Next, steps++)
        {
            if (_ring[at].Page == page && _ring[at].Space == space)
            {
                bool isFresh = now - _ring[at].Time <= memoryNs;
                if (isFresh)
                {
                    return true;
                }

                break;
            }
        }

        Forget(_next);
        _ring[_next] = (space, page, now, bucket);
        bucket = _next;
        _next = _next + 1 == _ring.Length ? 0 : _next + 1;
        return false;
    }

    /// <summary>Forgets a fault that could not be served yet, so that it is listened to again.</summary>
    public void Forget(int space, ulong page)
    {
        for (int i = 0; i < _ring.Length; i++)
        {
            if (_ring[i].Page == page && _ring[i].Space == space)
            {
                _ring[i].Time = long.MinValue / 2;
            }
        }
    }

    private static int[] NewBuckets(int count)
    {
        int[] buckets = new int[count];
        Array.Fill(buckets, -1);
        return buckets;
    }

    private int BucketOf(int space, ulong page) => (int)((page ^ ((ulong)(uint)space << 7)) % (ulong)_buckets.Length);

    private void Forget(int slot)
    {
        ref int link = ref _buckets[BucketOf(_ring[slot].Space, _ring[slot].Page)];
        for (int steps = 0; link >= 0 && steps < _ring.Length; steps++)
        {
            if (link == slot)
            {
                link = _ring[slot].Next;
                return;
            }

            link = ref _ring[link].Next;
        }
    }
}
