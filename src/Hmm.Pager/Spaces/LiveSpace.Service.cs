using System;
using Hmm.Pager.Services;
using Hmm.Svm.Remoting;

namespace Hmm.Pager.Spaces;

// The GPU fault service on the space.
internal sealed partial class LiveSpace
{
    private const int ServiceFillPages = 64;

    private LiveService? _service;

    /// <summary>The service.</summary>
    /// <exception cref="InvalidOperationException">None was opened.</exception>
    public LiveService Service => _service ?? throw new InvalidOperationException("No fault service was opened on the space.");

    /// <summary>Pages that a fault may enter in the view from the touched one on, if they are in RAM. Only one where a RAM limit watches what is touched.</summary>
    public int FillPagesMax { get; private set; } = 1;

    /// <summary>Opens the service, once and before the memory is used.</summary>
    /// <exception cref="FormatException">The request makes no sense; the message is a sentence for the user.</exception>
    public void OpenService(ServiceRequest request)
    {
        if (_service != null)
        {
            throw new InvalidOperationException("The space has a fault service already.");
        }

        _service = new LiveService(this, request);
        FillPagesMax = Limiter.Device == null ? ServiceFillPages : 1;
    }
}
