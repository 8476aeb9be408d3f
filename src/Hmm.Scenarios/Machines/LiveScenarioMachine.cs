using System;
using Hmm.Linux.Probing;
using Hmm.Live;
using Hmm.Live.Interop;
using Hmm.Pager.Exports;

namespace Hmm.Scenarios.Machines;

/// <summary>Real memory of this process as scenarios drive it: CPU loads and stores are real ones, the engine runs in the pager's library.</summary>
/// <remarks>
/// Not thread-safe; several machines are independent of each other, up to as many as there are <see cref="AddressSlot"/>s. It runs the words that
/// <see cref="LiveVocabulary"/> lists; the calls behind the others throw <see cref="NotSupportedException"/>.
/// </remarks>
public sealed unsafe partial class LiveScenarioMachine : IScenarioMachine
{
    private static readonly Lazy<string?> Found = new(() => PagerLibrary.Obstacle ?? UserfaultfdProbe.Run().Obstacle);

    private readonly AddressSlot _slot;
    private nint _space;

    /// <summary>Makes a machine.</summary>
    /// <param name="options">What may be chosen; null for the defaults. Nothing is left to chance, so the seed does not matter.</param>
    /// <exception cref="PlatformNotSupportedException">The host lacks something; the message says what helps.</exception>
    public LiveScenarioMachine(MachineOptions? options = null)
    {
        options ??= new MachineOptions();
        if (Obstacle is { } obstacle)
        {
            throw new PlatformNotSupportedException(obstacle);
        }

        PagerSpaceOptions space = new()
        {
            RamLimitBytes = options.RamLimitBytes ?? options.MemoryBytes ?? 0,
            TestMirrorBytes = options.DeviceMemoryBytes ?? 0,
            ReadAheadPages = options.ReadAheadPages,
            RecordedEvents = options.RecordedEvents,
            UsesZeroPage = 1,
            HasTestMirrors = 1,
        };
        nint made = 0;
        PagerApi.Check(PagerApi.space_create(&space, &made), "hmm_space_create", "making a live address space");
        _space = made;
        _slot = AddressSlot.Take();
        if (options.RamLimitBytes != null)
        {
            int pool = 0;
            PagerApi.Check(PagerApi.device_add(made, null, ulong.MaxValue, 1, &pool), "hmm_device_add", "making the pool of a RAM limit");
        }
    }

    /// <summary>Why there is no live memory on this host, as a sentence that says what helps; null if there is. Found out once.</summary>
    public static string? Obstacle => Found.Value;

    /// <inheritdoc/>
    public bool ZeroPageFailureInjected => false;

    /// <summary>The pager's handle.</summary>
    internal nint Space
    {
        get
        {
            ObjectDisposedException.ThrowIf(_space == 0, this);
            return _space;
        }
    }

    /// <inheritdoc/>
    public IScenarioProcess CreateProcess() => new LiveScenarioProcess(this, _slot);

    /// <summary>What is wrong with the engine's state, the devices' page tables, free frames and the real mapping.</summary>
    /// <returns>A line for each broken rule; empty if all hold.</returns>
    /// <remarks>While nobody touches the memory. Cost: every page of every mapping is looked at.</remarks>
    public string Check()
    {
        byte[] text = new byte[1 << 16];
        fixed (byte* first = text)
        {
            int length = PagerApi.check(Space, first, text.Length);
            PagerApi.Check(length, "hmm_check", "checking the state of a live address space");
            return System.Text.Encoding.UTF8.GetString(text, 0, length);
        }
    }

    /// <summary>Takes the memory apart; touches raise SIGSEGV from now on.</summary>
    public void Dispose()
    {
        if (_space != 0)
        {
            PagerApi.space_destroy(_space);
            _space = 0;
            _slot.Dispose();
        }
    }
}
