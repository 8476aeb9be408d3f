using Hmm.Core.Addressing;

namespace Hmm.Svm.Services;

/// <summary>Comes in between, for tests and for exploring what can go wrong.</summary>
/// <remarks>Called on the thread that serves, without any lock but the service's own: a hook may change mappings and access memory as the CPU; it must not serve
/// devices.</remarks>
public interface IServiceHooks
{
    /// <summary>The service has come to a point.</summary>
    /// <param name="point">Which.</param>
    /// <param name="space">The address space it works on.</param>
    /// <param name="pages">The pages it works on; empty where it works on none.</param>
    void At(ServicePoint point, SvmSpace space, VirtualRange pages)
    {
    }

    /// <summary>Whether a page of a migration shall be refused, as if somebody held it.</summary>
    /// <param name="page">Address divided by 4096.</param>
    /// <returns>True to refuse it.</returns>
    bool RefusesMigration(ulong page) => false;

    /// <summary>Whether the device's memory shall look full now.</summary>
    /// <returns>True for full.</returns>
    bool IsMemoryFull() => false;
}
