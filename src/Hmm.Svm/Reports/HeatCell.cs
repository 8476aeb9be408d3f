namespace Hmm.Svm.Reports;

/// <summary>What happened in a piece of the address space within a piece of time.</summary>
internal struct HeatCell
{
    /// <summary>Pages that the CPU touched, each as often as it did.</summary>
    public long Cpu;

    /// <summary>Pages that devices touched, each as often as they did.</summary>
    public long Device;

    /// <summary>Faults, of devices and the CPU.</summary>
    public long Faults;

    /// <summary>Pages in device memory when the time ended; meaningful if <see cref="HasHome"/>.</summary>
    public int Resident;

    /// <summary>Whether something moved within the time.</summary>
    public bool HasHome;

    /// <summary>Takes the time that follows into this one.</summary>
    public void Append(in HeatCell later)
    {
        Cpu += later.Cpu;
        Device += later.Device;
        Faults += later.Faults;
        if (later.HasHome)
        {
            Resident = later.Resident;
            HasHome = true;
        }
    }
}
