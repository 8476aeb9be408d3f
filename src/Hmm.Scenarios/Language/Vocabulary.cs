using Hmm.Core.AddressSpaces;
using Hmm.Scenarios.Machines;

namespace Hmm.Scenarios.Language;

/// <summary>The language's fixed words.</summary>
internal static class Vocabulary
{
    public static readonly WordTable<RegionVerb> RegionVerbs = new(
        ("unmap", RegionVerb.Unmap),
        ("lock", RegionVerb.Lock),
        ("unlock", RegionVerb.Unlock),
        ("load", RegionVerb.Load),
        ("pagemap", RegionVerb.Pagemap),
        ("smaps", RegionVerb.Smaps));

    public static readonly WordTable<DeviceVerb> DeviceVerbs = new(
        ("read", DeviceVerb.Read),
        ("snapshot", DeviceVerb.Snapshot),
        ("migrate", DeviceVerb.Migrate),
        ("evict", DeviceVerb.Evict),
        ("exclusive", DeviceVerb.Exclusive),
        ("check", DeviceVerb.Check));

    public static readonly WordTable<MapSource> MapSources = new(
        ("anon", MapSource.Anonymous),
        ("file", MapSource.File),
        ("mixed", MapSource.Mixed));

    public static readonly WordTable<Protection> Permissions = new(
        ("rw", Protection.Read | Protection.Write),
        ("r", Protection.Read),
        ("none", Protection.None),
        ("w", Protection.Write),
        ("rx", Protection.Read | Protection.Execute),
        ("rwx", Protection.Read | Protection.Write | Protection.Execute));

    public static readonly WordTable<MemoryAdvice> Advices = new(
        ("dontneed", MemoryAdvice.DontNeed),
        ("free", MemoryAdvice.Free),
        ("hugepage", MemoryAdvice.HugePage),
        ("nohugepage", MemoryAdvice.NoHugePage),
        ("dontfork", MemoryAdvice.DontFork),
        ("wipeonfork", MemoryAdvice.WipeOnFork),
        ("cold", MemoryAdvice.Cold),
        ("pageout", MemoryAdvice.PageOut),
        ("populate_read", MemoryAdvice.PopulateRead),
        ("populate_write", MemoryAdvice.PopulateWrite),
        ("collapse", MemoryAdvice.Collapse),
        ("remove", MemoryAdvice.Remove),
        ("hwpoison", MemoryAdvice.HwPoison),
        ("mergeable", MemoryAdvice.Mergeable));

    /// <summary>The letters of a request: <c>f</c>, <c>w</c>, <c>fw</c> or nothing.</summary>
    public static string RequestLetters(FaultRequest request) => request switch
    {
        FaultRequest.None => "",
        FaultRequest.Fault => "f",
        FaultRequest.Write => "w",
        _ => "fw",
    };

    /// <summary>Reads letters in any order.</summary>
    public static bool TryParseRequest(string letters, out FaultRequest request)
    {
        request = FaultRequest.None;
        foreach (char letter in letters)
        {
            switch (letter)
            {
                case 'f':
                    request |= FaultRequest.Fault;
                    break;
                case 'w':
                    request |= FaultRequest.Write;
                    break;
                default:
                    return false;
            }
        }

        return true;
    }
}
