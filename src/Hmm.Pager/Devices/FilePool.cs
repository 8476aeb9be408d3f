using Hmm.Core.Addressing;
using Hmm.Linux;

namespace Hmm.Pager.Devices;

/// <summary>A pool in a file without a name: it vanishes with the process, however that ends.</summary>
/// <remarks>Thread-safe. Passes the page cache by (O_DIRECT) where the file system takes it, so that what leaves RAM has left it.</remarks>
internal sealed unsafe class FilePool : IMemoryPool
{
    private readonly LinuxFile _file;

    /// <param name="directory">Where; it must exist.</param>
    /// <exception cref="LinuxException">The directory is missing or not writable, or its file system has no files without names.</exception>
    public FilePool(string directory)
    {
        try
        {
            _file = LinuxFile.CreateUnnamed(directory, isDirect: true);
            IsDirect = true;
        }
        catch (LinuxException e) when (e.ErrorNumber is Errno.EINVAL)
        {
            _file = LinuxFile.CreateUnnamed(directory, isDirect: false);
        }
    }

    /// <summary>Whether the page cache is passed by.</summary>
    public bool IsDirect { get; }

    public byte* AddressOf(ulong slot) => null;

    public int Write(ulong slot, int pageCount, byte* source)
    {
        long offset = (long)(slot << PageConstants.PageShift);
        nuint left = (nuint)pageCount << PageConstants.PageShift;
        while (left > 0)
        {
            nint done = _file.Write(offset, source, left);
            if (done <= 0)
            {
                return done == 0 ? -Errno.EIO : (int)done;
            }

            offset += done;
            source += done;
            left -= (nuint)done;
        }

        return 0;
    }

    public int Read(ulong slot, int pageCount, byte* target)
    {
        long offset = (long)(slot << PageConstants.PageShift);
        nuint left = (nuint)pageCount << PageConstants.PageShift;
        while (left > 0)
        {
            nint done = _file.Read(offset, target, left);
            if (done <= 0)
            {
                // A page that was stored lies before the file's end.
                return done == 0 ? -Errno.EIO : (int)done;
            }

            offset += done;
            target += done;
            left -= (nuint)done;
        }

        return 0;
    }

    public void Discard(ulong slot, int pageCount) =>
        _ = _file.PunchHole((long)(slot << PageConstants.PageShift), (long)pageCount << PageConstants.PageShift);

    public void Dispose() => _file.Dispose();
}
