using System;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Notifiers;

namespace Hmm.Core.Reclaim;

/// <summary>Punches holes into files: every mapping of the part is told and loses it, then the pages go.</summary>
internal static class FilePunch
{
    /// <param name="file">The file.</param>
    /// <param name="first">First page.</param>
    /// <param name="end">End, exclusive.</param>
    public static void Punch(FileObject file, ulong first, ulong end)
    {
        file.Gate.EnterRead();
        for (int i = 0; i < file.Vmas.Count; i++)
        {
            Vma vma = file.Vmas[i];
            ulong from = Math.Max(first, vma.PageOffset);
            ulong to = Math.Min(end, vma.IndexOf(vma.EndValue));
            if (from < to)
            {
                ulong start = vma.StartValue + ((from - vma.PageOffset) << PageConstants.PageShift);
                ulong stop = start + ((to - from) << PageConstants.PageShift);
                MmuNotifierRange notice = vma.Space.NotifyStart(start, stop, MmuNotifierEvent.Clear);
                Zap.Range(vma, start, stop, evenCopies: false);
                vma.Space.NotifyEnd(notice);
            }
        }

        file.Gate.ExitRead();
        file.Punch(first, end);
    }
}
