namespace Hmm.Svm.Profiles;

/// <summary>How long an interval notifier lives, and how much it covers.</summary>
public enum NotifierLife
{
    /// <summary>Inserted for one service of one window, and removed; the address space's own notifier clears entries.</summary>
    Fault,

    /// <summary>One for each piece of <see cref="DriverProfile.NotifierBytes"/>, from its first fault on.</summary>
    Piece,

    /// <summary>One for the whole address space.</summary>
    Space,
}
