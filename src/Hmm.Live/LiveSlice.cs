namespace Hmm.Live;

/// <summary>A part of a mapping, counted from the mapping's start: it follows when the mapping is resized.</summary>
/// <remarks>Thread-safe as <see cref="LiveMemory"/>. Owns nothing.</remarks>
public sealed class LiveSlice : LiveMemory
{
    private readonly long _offset;

    internal LiveSlice(LiveMapping mapping, long offset, long length)
        : base(mapping.Space)
    {
        Mapping = mapping;
        _offset = offset;
        Length = length;
    }

    /// <summary>The mapping.</summary>
    public LiveMapping Mapping { get; }

    /// <inheritdoc/>
    public override long Length { get; }

    /// <inheritdoc/>
    public override LiveSlice Slice(long offset, long length)
    {
        _ = AddressOf(offset, length);
        return new LiveSlice(Mapping, _offset + offset, length);
    }

    internal override nuint AddressOf(long offset, long length)
    {
        CheckPart(offset, length, Length);
        return Mapping.AddressOf(_offset + offset, length);
    }
}
