using System.Collections.Generic;
using Hmm.Core.Diagnostics;
using Hmm.Pager.Diagnostics;
using Hmm.Simulation.TestMirrors;

namespace Hmm.Pager.Spaces;

// Checks of the numbered rules, on the whole state.
internal sealed partial class LiveSpace
{
    /// <summary>Checks the engine's state, the test mirrors' and the service's page tables, the real mapping and the free frames.</summary>
    /// <param name="violations">Where violations are added.</param>
    /// <remarks>While nobody else uses the space or touches its memory.</remarks>
    public void Check(ICollection<InvariantViolation> violations)
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
        }
    }
}
