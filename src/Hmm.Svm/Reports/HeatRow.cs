using System;

namespace Hmm.Svm.Reports;

/// <summary>A piece of the address space over time.</summary>
internal sealed class HeatRow
{
    /// <summary>One for each piece of time.</summary>
    public HeatCell[] Cells { get; } = new HeatCell[RunRecording.Columns];

    /// <summary>Pages in device memory now.</summary>
    public int Resident { get; set; }

    /// <summary>Each piece of time becomes twice as long.</summary>
    public void HalveTime()
    {
        for (int i = 0; i < Cells.Length; i++)
        {
            HeatCell cell = default;
            if (2 * i < Cells.Length)
            {
                cell = Cells[2 * i];
                cell.Append(Cells[(2 * i) + 1]);
            }

            Cells[i] = cell;
        }
    }

    /// <summary>Takes a neighbour's pages in.</summary>
    public void Add(HeatRow other)
    {
        Settle();
        other.Settle();
        Resident += other.Resident;
        for (int i = 0; i < Cells.Length; i++)
        {
            ref HeatCell cell = ref Cells[i];
            ref HeatCell more = ref other.Cells[i];
            cell.Cpu += more.Cpu;
            cell.Device += more.Device;
            cell.Faults += more.Faults;
            cell.Resident += more.Resident;
            cell.HasHome |= more.HasHome;
        }
    }

    /// <summary>Writes into each piece of time what lived on the device at its end, moved or not.</summary>
    public void Settle()
    {
        int resident = 0;
        foreach (ref HeatCell cell in Cells.AsSpan())
        {
            resident = cell.HasHome ? cell.Resident : resident;
            cell.Resident = resident;
        }
    }
}
