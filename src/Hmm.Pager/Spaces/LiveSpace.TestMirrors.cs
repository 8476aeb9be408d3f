using Hmm.Simulation.TestMirrors;

namespace Hmm.Pager.Spaces;

// The two test mirrors that scenarios use, on real memory.
internal sealed partial class LiveSpace
{
    private TestMirror[] _testMirrors = [];

    /// <summary>Makes the devices and opens a mirror on each.</summary>
    /// <param name="capacityPages">Memory of each.</param>
    public void OpenTestMirrors(ulong capacityPages) => _testMirrors =
    [
        new TestMirrorDevice(Memory, 0, capacityPages).Open(Space),
        new TestMirrorDevice(Memory, 1, capacityPages).Open(Space),
    ];

    /// <summary>The mirror on a test device.</summary>
    /// <param name="index">0 or 1.</param>
    public TestMirror TestMirror(int index) => _testMirrors[index];
}
