using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using Hmm.Core.Addressing;
using Hmm.Core.Notifiers;
using static Hmm.Core.Tests.Notifiers.RecordingDriver;

namespace Hmm.Core.Tests.Notifiers;

/// <summary>Any order of starts, ends, insertions and removals moves the numbers as the plain rules say.</summary>
public sealed class ProtocolModelTests
{
    [Fact]
    public void AnyHistoryFollowsTheRules()
    {
        Arbitrary<int[]> histories = Arb.From(Gen.Choose(0, int.MaxValue).ArrayOf(), ArbMap.Default.ArbFor<int[]>().Shrinker);
        Prop.ForAll(histories, history =>
        {
            var run = new Run();
            foreach (int command in history)
            {
                run.Step(command);
            }

            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500).WithEndSize(120));
    }

    private sealed class Run : IMmuIntervalNotifierOps
    {
        private readonly MmuNotifierSubscriptions _space = new();
        private readonly ProtocolModel _model = new();
        private readonly Dictionary<int, MmuIntervalNotifier> _subscriptions = [];
        private readonly List<int> _calls = [];
        private int _names;

        public bool Invalidate(MmuIntervalNotifier subscription, in MmuNotifierRange range, ulong sequence)
        {
            int name = _subscriptions.Single(pair => pair.Value == subscription).Key;
            _calls.Add(name);
            if (!range.IsBlockable && name % 2 == 1)
            {
                return false;
            }

            subscription.SetSequence(sequence);
            return true;
        }

        public void Step(int command)
        {
            var (page, pages) = ((ulong)(command >> 3 & 31), 1 + (ulong)(command >> 8 & 7));
            switch (command & 7)
            {
                case 0 or 1:
                    Insert(page, pages);
                    break;
                case 2 or 3 when _subscriptions.Count > 0:
                    Remove((command >> 3) % _subscriptions.Count);
                    break;
                case 4 or 5 when _model.Active.Count < 4:
                    MmuNotifierRange range = Pages(page, pages, isBlockable: (command >> 12 & 3) != 0);
                    HmmStatus expected = _model.Start(range) ? HmmStatus.Success : HmmStatus.Again;
                    Assert.Equal(expected, _space.InvalidateRangeStart(range));
                    break;
                case 6 or 7 when _model.Active.Count > 0:
                    int index = (command >> 3) % _model.Active.Count;
                    _space.InvalidateRangeEnd(_model.Active[index]);
                    _model.End(index);
                    break;
                default:
                    break;
            }

            Compare();
        }

        private void Insert(ulong page, ulong pages)
        {
            int name = _names++;
            var subscription = new MmuIntervalNotifier(this);
            _subscriptions.Add(name, subscription);
            Assert.Equal(
                HmmStatus.Success,
                subscription.Insert(_space, VirtualAddress.FromPage(page), pages * PageConstants.PageSize));
            _model.Insert(name, page, pages);
        }

        private void Remove(int index)
        {
            int name = _subscriptions.Keys.ElementAt(index);
            if (_model.WouldWait(name))
            {
                return;
            }

            _subscriptions[name].Remove();
            _subscriptions.Remove(name);
            _model.Remove(name);
        }

        private void Compare()
        {
            Assert.Equal(_model.Sequence, _space.Sequence);
            Assert.Equal(_model.Active.Count, _space.ActiveInvalidations);
            Assert.Equal(_model.TreeCount, _space.TreeCount);
            Assert.Equal(_model.Calls, _calls);
            foreach (var (name, subscription) in _subscriptions)
            {
                ulong number = _model.Numbers[name];
                Assert.False(subscription.CheckRetry(number));
                if (number != _model.Sequence)
                {
                    Assert.Equal(number, subscription.ReadBegin());
                }
            }
        }
    }
}
