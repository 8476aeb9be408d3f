using System;

namespace Hmm.Simulation.Tests.Properties;

/// <summary>A run broke a rule.</summary>
internal sealed class InvariantBrokenException(string message, Exception? inner) : Exception(message, inner);
