using Hmm.Core.Locking;

namespace Hmm.Core.ReverseMapping;

/// <summary>The kernel's anon_vma: the mappings that may hold an anonymous page. A child's mapping joins its parent's and gets one of its own.</summary>
/// <remarks>Two mappings merge only if they have the same one, so identity matters. Locking as in <see cref="RmapRoot"/>.</remarks>
internal sealed class AnonVma : RmapRoot
{
    public AnonVma(AnonVma? parent)
    {
        Parent = parent ?? this;
        Root = parent?.Root ?? this;
        Gate = parent?.Gate ?? new ReaderWriterGate(LockRank.FamilyGate);
        if (parent != null)
        {
            parent.ChildCount++;
        }
        else
        {
            // A root counts as its own child, so that it is never taken for one that can be reused.
            ChildCount = 1;
        }
    }

    public AnonVma Parent { get; }

    /// <summary>The oldest ancestor: every mapping of the family is listed there.</summary>
    public AnonVma Root { get; }

    public override ReaderWriterGate Gate { get; }

    /// <summary>Direct descendants; under <see cref="Gate"/>.</summary>
    public int ChildCount { get; set; }

    /// <summary>Mappings whose own AnonVma this is; under <see cref="Gate"/>.</summary>
    public int ActiveVmaCount { get; set; }
}
