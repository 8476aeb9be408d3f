using System.Collections.Generic;
using Hmm.Core.Diagnostics;
using Hmm.Pager.Devices;
using Hmm.Pager.Diagnostics;
using Hmm.Simulation.TestMirrors;

namespace Hmm.Pager.Spaces;

// Checks of the numbered rules, on the whole state.
internal sealed partial class LiveSpace
{
    /// <summary>Checks the engine's state, the test mirrors' and the service's page tables, the real mapping and the free frames.</summary>
    /// <param name="violations">Where violations are added.</param>
    /// <remarks>While nobody else uses the space or touches its memory.</remarks>
    public void Check(ICollection<InvariantViolation> violations) => Check(violations, isEmpty: false);

    /// <summary>The same, and that nothing is in use once everything is unmapped: INV-12.</summary>
    /// <param name="violations">Where violations are added.</param>
    /// <remarks>As <see cref="Check(ICollection{InvariantViolation})"/>. Page tables without entries may be left: they go with the space.</remarks>
    public void CheckNothingLeft(ICollection<InvariantViolation> violations) => Check(violations, isEmpty: true);

    private void Check(ICollection<InvariantViolation> violations, bool isEmpty)
    {
        lock (_layout)
        {
            Memory.RecycleFrames();
            MemoryChecker.Check(Memory, [Space], violations);
            foreach (TestMirror mirror in _testMirrors)
            {
                MirrorChecker.Check(mirror.Device, violations);
            }

            _service?.Check(violations);
            ViewChecker.Check(this, violations);
            FreePageChecker.Check(this, violations);
            if (isEmpty)
            {
                ExpectNothing("system frames", Memory.SystemFramesInUse - _framesAtRest, violations);
                foreach (PoolDevice device in _devices)
                {
                    ExpectNothing("pages of a device", (ulong)device.Pagemap.PagesInUse, violations);
                }
            }
        }
    }

    private static void ExpectNothing(string what, ulong count, ICollection<InvariantViolation> violations)
    {
        if (count != 0)
        {
            violations.Add(new InvariantViolation("INV-12", $"{count} {what} are in use, and nothing is mapped"));
        }
    }
}
