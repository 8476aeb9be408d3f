using System.Globalization;
using System.Text;

namespace Hmm.Scenarios.Running;

/// <summary>Builds a list answer, with runs of equal words folded as they come: <c>W*4 -*2</c>.</summary>
/// <remarks>Not thread-safe. Words come from tables, so that a long list makes no strings.</remarks>
internal sealed class RunFolder
{
    private readonly StringBuilder _text = new();
    private string _word = "";
    private long _count;

    public void Add(string word)
    {
        if (_count > 0 && (ReferenceEquals(word, _word) || word == _word))
        {
            _count++;
            return;
        }

        Flush();
        _word = word;
        _count = 1;
    }

    public override string ToString()
    {
        Flush();
        return _text.ToString();
    }

    private void Flush()
    {
        if (_count == 0)
        {
            return;
        }

        if (_text.Length > 0)
        {
            _text.Append(' ');
        }

        _text.Append(_word);
        if (_count > 1)
        {
            _text.Append('*').Append(CultureInfo.InvariantCulture, $"{_count}");
        }

        _count = 0;
    }
}
