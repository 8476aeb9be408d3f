namespace Hmm.Scenarios.Machines;

/// <summary>What a device sees of a page.</summary>
/// <param name="State">Nothing, error, or mapped.</param>
/// <param name="IsWritable">Whether a mapped page is writable.</param>
/// <param name="IsZeroPage">Whether it is the shared zero page.</param>
/// <param name="IsDevicePrivate">Whether it is in this device's own memory.</param>
/// <param name="Order">Binary logarithm of the pages that the entry maps: 0, 9 or 18.</param>
public readonly record struct PageWord(PageWordState State, bool IsWritable, bool IsZeroPage, bool IsDevicePrivate, byte Order);
