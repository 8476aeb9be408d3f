using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Scenarios.Language;
using Hmm.Scenarios.Machines;

namespace Hmm.Scenarios.Running;

/// <summary>Runs commands on a machine: knows the scenario's processes and names, and says the answers in words.</summary>
/// <remarks>Not thread-safe. It owns nothing: the caller disposes the machine.</remarks>
public sealed class ScenarioRunner
{
    private readonly Dictionary<string, RunningProcess> _processes = [];
    private readonly NameTable _names = new();
    private readonly FreshPlaces _places = new();
    private readonly IScenarioObserver? _observer;

    /// <summary>Starts the first process.</summary>
    /// <param name="machine">A fresh machine.</param>
    /// <param name="observer">Told of each command, for instance to explain it; usually null.</param>
    public ScenarioRunner(IScenarioMachine machine, IScenarioObserver? observer = null)
    {
        ArgumentNullException.ThrowIfNull(machine);
        _observer = observer;
        _processes.Add(ScenarioCommand.FirstProcess, new RunningProcess(machine.CreateProcess()));
    }

    /// <summary>Runs a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="cancellation">Stops commands of the CPU that go over many pages.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public ScenarioAnswer Run(ScenarioCommand command, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (Refuse(command) is { } refusal)
        {
            return ScenarioAnswer.Error(refusal);
        }

        if (!TryLocate(command, out VirtualRange? range, out VirtualRange? target, out string reason))
        {
            return ScenarioAnswer.Error(reason);
        }

        RunningProcess process = _processes[command.Process];
        var context = new CommandContext(command, process.Process, range, target);
        _observer?.BeforeCommand(context);
        var answer = ScenarioAnswer.Of(Execute(context, process, cancellation));
        _observer?.AfterCommand(context, answer);
        return answer;
    }

    private string? Refuse(ScenarioCommand command)
    {
        if (!_processes.TryGetValue(command.Process, out RunningProcess? process))
        {
            return $"No process has the name '{command.Process}'.";
        }

        if (process.HasExited)
        {
            return $"The process '{command.Process}' has exited.";
        }

        return command is ForkCommand fork && _processes.ContainsKey(fork.Child)
            ? $"A process has the name '{fork.Child}' already."
            : null;
    }

    /// <summary>Finds what a command's words mean, and defines the name that it gives.</summary>
    /// <remarks>A name is defined even if the machine then refuses the mapping: recorded scenarios go on with it.</remarks>
    private bool TryLocate(ScenarioCommand command, out VirtualRange? range, out VirtualRange? target, out string reason)
    {
        range = null;
        target = null;
        reason = "";
        if (command is MapCommand map)
        {
            return TryLocateMapping(map, out range, out reason);
        }

        if (command.Reference is { } reference)
        {
            if (!_names.TryResolve(reference, out VirtualRange resolved, out reason))
            {
                return false;
            }

            if (PageLimits.Check(command, resolved) is { } refusal)
            {
                reason = refusal;
                return false;
            }

            range = resolved;
            if (command is RemapCommand remap)
            {
                long count = remap.PageCount ?? (long)resolved.PageCount;
                target = Define(remap.Name, _places.Take(count), count);
            }
        }

        return true;
    }

    private bool TryLocateMapping(MapCommand map, out VirtualRange? range, out string reason)
    {
        range = null;
        reason = "";
        VirtualAddress start;
        if (map.Place is not { } place)
        {
            start = _places.Take(map.PageCount);
        }
        else if (!_names.TryResolve(place, out start, out reason))
        {
            return false;
        }

        range = Define(map.Name, start, map.PageCount);
        return true;
    }

    private VirtualRange? Define(string name, VirtualAddress start, long count)
    {
        _names.Define(name, new NamedMapping(start, count));
        return FreshPlaces.Fits(start, count) ? VirtualRange.FromPages(start, (ulong)count) : null;
    }

    private string Execute(in CommandContext context, RunningProcess running, CancellationToken cancellation)
    {
        IScenarioProcess process = running.Process;
        VirtualRange range = context.Range ?? default;
        switch (context.Command)
        {
            case RegionCommand region:
                return ProcessCommands.Region(region.Verb, process, range, cancellation);
            case StoreCommand store:
                return ProcessCommands.Store(process, range, store.Value, cancellation);
            case DeviceRegionCommand region:
                return DeviceCommands.Region(region.Verb, process.Device(region.Device), range);
            case DeviceWriteCommand write:
                return DeviceCommands.Write(process.Device(write.Device), range, write.Value);
            case DeviceRangeCommand fault:
                return DeviceCommands.Range(fault, process.Device(fault.Device), range);
            case DeviceReleaseCommand release:
                process.Device(release.Device).Release();
                return HmmStatus.Success.ErrnoName();
            case MapCommand map:
                return ProcessCommands.Map(map, process, context.Range);
            case RemapCommand:
                return ProcessCommands.Remap(process, range, context.Target);
            case ProtectCommand protect:
                return process.Protect(range, protect.Protection).ErrnoName();
            case AdviseCommand advise:
                return ProcessCommands.Advise(process, range, advise.Advice);
            case PinCommand pin:
                return process.Pin(range, pin.IsWrite).ErrnoName();
            case UnpinCommand:
                return process.Unpin().ErrnoName();
            case ForkCommand fork:
                return Fork(fork, process);
            case ExitCommand:
                running.HasExited = true;
                process.Exit();
                return HmmStatus.Success.ErrnoName();
            default:
                throw new UnreachableException();
        }
    }

    private string Fork(ForkCommand command, IScenarioProcess process)
    {
        HmmStatus status = process.Fork(out IScenarioProcess? child);
        if (status == HmmStatus.Success && child is not null)
        {
            _processes.Add(command.Child, new RunningProcess(child));
        }

        return status.ErrnoName();
    }
}
