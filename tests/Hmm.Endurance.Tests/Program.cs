using System;
using System.Globalization;

namespace Hmm.Endurance.Tests;

/// <summary>The entry point of child processes.</summary>
internal static class Program
{
    public static int Main(string[] arguments)
    {
        switch (arguments)
        {
            case ["hazard", string kind, string faults]:
                return Hazard.Run(Enum.Parse<AccessKind>(kind), int.Parse(faults, CultureInfo.InvariantCulture));
            case ["control", string faults]:
                return ManagedHandler.Run(int.Parse(faults, CultureInfo.InvariantCulture));
            case ["soak", string seconds, string seed]:
                return new Soak(int.Parse(seed, CultureInfo.InvariantCulture)).Run(TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture)));
            default:
                Console.Error.WriteLine("This is a test assembly: run it with 'dotnet test'.");
                return 64;
        }
    }
}
