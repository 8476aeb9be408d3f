namespace Hmm.Simulation.Stress;

/// <summary>One decision of a stress thread. The numbers are raw: whoever uses one takes it modulo what there is to choose from.</summary>
/// <param name="Operation">What to do.</param>
/// <param name="Region">Where.</param>
/// <param name="Page">First page.</param>
/// <param name="Count">How many pages, 1 to 4.</param>
/// <param name="Mirror">By whom.</param>
/// <param name="Pause">Where to let others run: bits 2..0 how, the others which point.</param>
/// <param name="Detail">How, where an operation has variants.</param>
internal readonly record struct StressDecision(StressOperation Operation, int Region, int Page, int Count, int Mirror, int Pause, int Detail);
