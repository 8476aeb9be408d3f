using System;
using System.Collections.Generic;

namespace Hmm.Cli.Shapes;

/// <summary>All shapes that are checked, in the order of the page that lists them.</summary>
internal static class ShapeCatalog
{
    public static IReadOnlyList<(string Name, Func<ShapeRuns, ShapeClaim> Check)> All { get; } =
        [.. PrefetchShapes.All, .. RoomShapes.All, .. BatchShapes.All, .. FightShapes.All];
}
