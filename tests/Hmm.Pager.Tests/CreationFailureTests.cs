using System;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using Hmm.Linux;
using Hmm.Pager.Spaces;

namespace Hmm.Pager.Tests;

/// <summary>A space that cannot be made leaves nothing behind.</summary>
[Collection(AloneCollection.Name)]
public sealed partial class CreationFailureTests
{
    private const int DescriptorLimit = 7;

    [Fact]
    public void ASpaceForWhichThereAreTooFewDescriptorsLeavesNoneOpen()
    {
        // All code that this needs is loaded, as is what tells errors.
        Create().Dispose();
        Assert.Equal(Errno.EMFILE, FailWith(0));
        int before = CountDescriptors(), mappings = CountMappings();
        for (int descriptors = 0; descriptors < 4; descriptors++)
        {
            Assert.Equal(Errno.EMFILE, FailWith(descriptors));
            Assert.Equal(before, CountDescriptors());
            Assert.Equal(mappings, CountMappings());
        }
    }

    private static LiveSpace Create() => new(new LiveSpaceOptions(0, UsesZeroPage: false, 1));

    private static int CountDescriptors() => Directory.EnumerateFileSystemEntries("/proc/self/fd").Count();

    private static int CountMappings() => File.ReadLines("/proc/self/maps").Count(line => line.Contains("/memfd:hmm-", StringComparison.Ordinal));

    /// <returns>The error number.</returns>
    private static int FailWith(int descriptors)
    {
        EventDescriptor[] free = new EventDescriptor[descriptors + 1];
        for (int i = 0; i < free.Length; i++)
        {
            free[i] = new EventDescriptor();
        }

        // Descriptors are the lowest numbers that are free, and the limit is one above the highest.
        ulong limit = (ulong)free[descriptors].Descriptor;
        Array.ForEach(free, descriptor => descriptor.Dispose());
        Assert.Equal(0, GetLimit(DescriptorLimit, out Limits before));
        Limits few = before with { Soft = limit };
        Assert.Equal(0, SetLimit(DescriptorLimit, few));
        try
        {
            Create().Dispose();
            return 0;
        }
        catch (LinuxException failure)
        {
            return failure.ErrorNumber;
        }
        finally
        {
            _ = SetLimit(DescriptorLimit, before);
        }
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limits limits);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, in Limits limits);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Limits(ulong Soft, ulong Hard);
}
