using System;
using System.Linq;
using System.Threading;
using Hmm.Core.Locking;

namespace Hmm.Core.Tests.Locking;

public sealed class ReaderWriterGateTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public void Readers_share_the_lock_and_a_writer_has_it_alone()
    {
        ReaderWriterGate gate = new();
        gate.EnterRead();
        Assert.True(gate.TryEnterRead());
        Assert.True(gate.IsHeld);
        Assert.False(gate.IsWriteHeld);
        gate.ExitRead();
        gate.ExitRead();
        Assert.False(gate.IsHeld);

        gate.EnterWrite();
        Assert.True(gate.IsWriteHeld);
        Assert.False(gate.TryEnterRead());
        gate.ExitWrite();
        Assert.False(gate.IsHeld);
    }

    [Fact]
    public void Giving_back_what_is_not_held_is_an_error_and_leaves_the_lock_as_it_was()
    {
        ReaderWriterGate gate = new();
        Assert.Throws<SynchronizationLockException>(gate.ExitRead);
        Assert.Throws<SynchronizationLockException>(gate.ExitWrite);
        gate.EnterRead();
        Assert.Throws<SynchronizationLockException>(gate.ExitWrite);
        gate.ExitRead();
        gate.EnterWrite();
        Assert.Throws<SynchronizationLockException>(gate.ExitRead);
        Assert.True(gate.IsWriteHeld);
        gate.ExitWrite();
        Assert.False(gate.IsHeld);
    }

    [Fact]
    public void A_writer_that_waits_keeps_new_readers_out_and_gets_the_lock_when_the_old_ones_leave()
    {
        ReaderWriterGate gate = new();
        gate.EnterRead();
        Thread writer = new(() =>
        {
            gate.EnterWrite();
            gate.ExitWrite();
        });
        writer.Start();
        // The writer waits as soon as a try to read fails.
        Assert.True(SpinWait.SpinUntil(() => IsRefused(gate), Patience));
        gate.ExitRead();
        Assert.True(writer.Join(Patience));
        Assert.True(gate.TryEnterRead());
        gate.ExitRead();
        Assert.False(gate.IsHeld);
    }

    [Fact]
    public void Readers_and_writers_in_a_crowd_never_meet_and_none_sleeps_for_ever()
    {
        const int Rounds = 20_000;
        ReaderWriterGate gate = new();
        int readers = 0, writers = 0, meetings = 0;
        long written = 0;
        Thread[] crowd = [.. Enumerable.Range(0, 6).Select(number => new Thread(() =>
        {
            for (int round = 0; round < Rounds; round++)
            {
                if ((round + number) % 3 == 0)
                {
                    gate.EnterWrite();
                    written++;
                    meetings += Interlocked.Increment(ref writers) != 1 || Volatile.Read(ref readers) != 0 ? 1 : 0;
                    Interlocked.Decrement(ref writers);
                    gate.ExitWrite();
                }
                else if (round % 7 != 0 || gate.TryEnterRead() is false)
                {
                    gate.EnterRead();
                    Read();
                }
                else
                {
                    Read();
                }
            }
        }))];

        Array.ForEach(crowd, thread => thread.Start());
        Assert.All(crowd, thread => Assert.True(thread.Join(Patience), "A thread waits for a lock that nobody holds."));
        Assert.Equal(0, meetings);
        Assert.Equal(Enumerable.Range(0, 6).Sum(number => Enumerable.Range(0, Rounds).Count(round => (round + number) % 3 == 0)), written);
        Assert.False(gate.IsHeld);

        void Read()
        {
            Interlocked.Increment(ref readers);
            if (Volatile.Read(ref writers) != 0)
            {
                Interlocked.Increment(ref meetings);
            }

            Interlocked.Decrement(ref readers);
            gate.ExitRead();
        }
    }

    private static bool IsRefused(ReaderWriterGate gate)
    {
        if (!gate.TryEnterRead())
        {
            return true;
        }

        gate.ExitRead();
        return false;
    }
}
