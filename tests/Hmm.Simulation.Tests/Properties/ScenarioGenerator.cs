using System;
using System.Collections.Generic;
using FsCheck;
using FsCheck.Fluent;
using Hmm.Core.AddressSpaces;
using Hmm.Scenarios.Language;
using Hmm.Scenarios.Machines;

namespace Hmm.Simulation.Tests.Properties;

/// <summary>Makes random scenarios over the whole vocabulary, most of them about few pages of few mappings.</summary>
internal sealed class ScenarioGenerator
{
    private static readonly string[] Processes = [ScenarioCommand.FirstProcess, "p1", "p2", "p3"];
    private static readonly string[] Names = ["a", "b", "c", "d"];
    private static readonly long[] Sizes = [1, 2, 3, 4, 4, 5, 8, 8, 12, 16, 17, 65, 70, 130, 512, 513, 600, 1024, 1030, 1200];
    private static readonly long[] Edges = [0, 0, 0, 1, 2, 3, 15, 16, 63, 64, 65, 511, 512, 513, 1023, 1024];
    private static readonly MemoryAdvice[] Advices = Enum.GetValues<MemoryAdvice>();

    private static readonly Protection[] Protections =
    [
        Protection.Read | Protection.Write, Protection.Read | Protection.Write, Protection.Read | Protection.Write, Protection.Read,
        Protection.None, Protection.Write, Protection.Read | Protection.Execute,
        Protection.Read | Protection.Write | Protection.Execute,
    ];

    private readonly Random _random;
    private readonly Dictionary<string, long> _sizes = [];
    private readonly bool _isSmall;
    private int _processes = 1;

    private ScenarioGenerator(int seed)
    {
        _random = new Random(seed);
        _isSmall = Next(2) == 0;
    }

    /// <summary>Scenarios on machines with all the memory they want.</summary>
    public static Arbitrary<ScenarioCase> Unlimited(int commandsMax) => Arbitrary(commandsMax, isLimited: false);

    /// <summary>Scenarios on machines where memory runs out.</summary>
    public static Arbitrary<ScenarioCase> Limited(int commandsMax) => Arbitrary(commandsMax, isLimited: true);

    private static Arbitrary<ScenarioCase> Arbitrary(int commandsMax, bool isLimited) => Arb.From(
        Gen.Choose(0, int.MaxValue).Select(seed => new ScenarioGenerator(seed).Make(commandsMax, isLimited)), scenario => scenario.Shrink());

    private ScenarioCase Make(int commandsMax, bool isLimited)
    {
        int? memory = null;
        int? device = null;
        if (isLimited)
        {
            // Sometimes there is room for one huge page or two, and nothing else.
            memory = Next(3) > 0 ? 8 + Next(57) : 513 + Next(700);
            device = Next(3) > 0 ? 1 + Next(64) : null;
        }

        List<ScenarioCommand> commands = [Map(Names[0])];
        int count = 2 + Next(commandsMax);
        while (commands.Count < count)
        {
            ScenarioCommand command = Command();
            commands.Add(command is ForkCommand ? command : command with { Process = Processes[Next(2) == 0 ? 0 : Next(_processes)] });
        }

        return new ScenarioCase(memory, device, commands);
    }

    private int Next(int end) => _random.Next(end);

    private T Pick<T>(T[] values) => values[Next(values.Length)];

    private ScenarioCommand Command()
    {
        switch (Next(40))
        {
            case 0 or 1 or 2:
                return Map(Pick(Names));
            case 3:
                return Next(3) > 0 ? new RegionCommand(RegionVerb.Unmap, Reference()) : Remap();
            case 4:
                return Remap();
            case 5 or 6 or 7:
                return new ProtectCommand(Reference(), Pick(Protections));
            case 8:
                return new RegionCommand(Next(2) == 0 ? RegionVerb.Lock : RegionVerb.Unlock, Reference());
            case 9 or 10 or 11 or 12 or 13 or 14:
                return new AdviseCommand(Reference(), Pick(Advices));
            case 15 or 16 or 17:
                return new RegionCommand(RegionVerb.Load, Reference());
            case 18 or 19 or 20 or 21 or 22:
                return new StoreCommand(Reference(), (byte)(Next(3) == 0 ? 0 : Next(256)));
            case 23:
                return Next(3) > 0 ? new PinCommand(Reference(), Next(2) == 0) : new UnpinCommand();
            case 24 or 25:
                return Fork();
            case 26:
                return Next(4) == 0 ? new ExitCommand() : new RegionCommand(RegionVerb.Smaps, Reference());
            case 27:
                return new RegionCommand(Next(2) == 0 ? RegionVerb.Pagemap : RegionVerb.Smaps, Reference());
            default:
                return Device();
        }
    }

    private ScenarioCommand Device()
    {
        int device = Next(3) == 0 ? 1 : 0;
        switch (Next(20))
        {
            case 0 or 1 or 2 or 3 or 4:
                return new DeviceRegionCommand(device, DeviceVerb.Migrate, Reference());
            case 5 or 6:
                return new DeviceRegionCommand(device, DeviceVerb.Evict, Reference());
            case 7 or 8 or 9:
                return new DeviceRegionCommand(device, DeviceVerb.Exclusive, Reference());
            case 10 or 11 or 12:
                return new DeviceRegionCommand(device, DeviceVerb.Read, Reference());
            case 13 or 14 or 15:
                return new DeviceWriteCommand(device, Reference(), (byte)Next(256));
            case 16:
                return new DeviceRegionCommand(device, Next(2) == 0 ? DeviceVerb.Snapshot : DeviceVerb.Check, Reference());
            case 17:
                return new DeviceReleaseCommand(device);
            default:
                return Range(device);
        }
    }

    private DeviceRangeCommand Range(int device)
    {
        List<PageRequest> requests = [];
        for (int i = Next(4); i > 0; i--)
        {
            long first = Next(6);
            requests.Add(new PageRequest(new PageSpan(first, first + 1 + Next(4)), (FaultRequest)Next(4)));
        }

        return new DeviceRangeCommand(device, Reference())
        {
            DefaultRequest = (FaultRequest)Next(4), Mask = (FaultRequest)Next(4), Requests = requests, IsForeign = Next(4) == 0,
        };
    }

    private ScenarioCommand Fork() =>
        _processes < Processes.Length
            ? new ForkCommand(Processes[_processes]) { Process = Processes[Next(_processes++)] }
            : new RegionCommand(RegionVerb.Load, Reference());

    private MapCommand Map(string name)
    {
        long size = _isSmall ? Pick(Sizes[..11]) : Pick(Sizes);
        MapSource source = Next(4) > 0 ? MapSource.Anonymous : Next(3) > 0 ? MapSource.File : MapSource.Mixed;
        MapPlace? place = _sizes.Count > 0 && Next(2) == 0 ? Place() : null;
        _sizes[name] = size;
        return new MapCommand(name, source, size)
        {
            Protection = Next(2) == 0 ? Protection.Read | Protection.Write : Pick(Protections),
            IsShared = Next(source == MapSource.Anonymous ? 5 : 2) == 0,
            IsHuge = size >= 512 && Next(4) > 0,
            Place = place,
        };
    }

    private MapPlace Place()
    {
        string name = KnownName();
        long size = _sizes[name];
        return new MapPlace(name, Next(2) == 0 ? size : Next((int)size + 4));
    }

    private RemapCommand Remap()
    {
        PageReference target = Reference();
        string name = Pick(Names);
        long size = target.Pages?.Count ?? _sizes[target.Name];
        long? count = Next(3) > 0 ? null : Math.Max(0, size + Next(12) - 4);
        _sizes[name] = count ?? size;
        return new RemapCommand(target, name, count);
    }

    private string KnownName()
    {
        string name = Pick(Names);
        return _sizes.ContainsKey(name) ? name : Names[0];
    }

    private PageReference Reference()
    {
        string name = KnownName();
        long size = _sizes[name];
        switch (Next(12))
        {
            case 0 or 1 or 2 or 3:
                return new PageReference(name, null);
            case 4:
                return Span(name, -1 - Next(3), 1 + Next(6));
            case 5:
                return Span(name, Math.Max(0, size - 1 - Next(4)), 1 + Next(8));
            case 6:
                return Span(name, Pick(Edges), Pick(Sizes));
            default:
                return Span(name, Next((int)Math.Min(size, 20) + 1), 1 + Next(5));
        }
    }

    private static PageReference Span(string name, long first, long count) => new(name, new PageSpan(first, first + count));
}
