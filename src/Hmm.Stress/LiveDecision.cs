namespace Hmm.Stress;

/// <summary>One decision of a thread. The numbers are raw: whoever uses one takes it modulo what there is to choose from.</summary>
/// <param name="Operation">What to do.</param>
/// <param name="Region">Where.</param>
/// <param name="Page">First page.</param>
/// <param name="Count">How many pages, where an operation takes several: 1 to 8.</param>
/// <param name="Device">By which device.</param>
/// <param name="Pause">How to let others run in the middle.</param>
/// <param name="Detail">How, where an operation has variants.</param>
/// <remarks>Thread-safe: a value.</remarks>
internal readonly record struct LiveDecision(LiveStressOperation Operation, int Region, int Page, int Count, int Device, int Pause, int Detail);
