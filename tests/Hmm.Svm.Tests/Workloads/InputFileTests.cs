using System.IO;
using System.Linq;
using System.Text;
using Hmm.Svm.Traces;
using Hmm.Svm.Workloads;

namespace Hmm.Svm.Tests.Workloads;

/// <summary>Matrices and graphs from files.</summary>
public sealed class InputFileTests
{
    [Fact]
    public void AMatrixIsReadRowByRow()
    {
        SparseMatrix matrix = Matrix("%%MatrixMarket matrix coordinate real general\n% a comment\n\n3 4 4\n3 1 -2.5e1\n1 2 1\n1 1 0.5\n3 1 1\n");
        Assert.Equal((3, 4), (matrix.Rows, matrix.Columns));
        Assert.Equal([0L, 2, 2, 3], matrix.RowStarts.ToArray());
        Assert.Equal([0, 1, 0], matrix.ColumnIndices.ToArray());
        Assert.Equal([0.5, 1, -24], matrix.Values.ToArray());
    }

    [Theory]
    [InlineData("symmetric", 7)]
    [InlineData("skew-symmetric", -7)]
    public void SymmetryGivesTheOtherHalf(string symmetry, double other)
    {
        SparseMatrix matrix = Matrix($"%%MatrixMarket matrix coordinate integer {symmetry}\n2 2 2\n2 1 7\n2 2 0\n");
        Assert.Equal([other, 7, 0], matrix.Values.ToArray());
    }

    [Fact]
    public void APatternHasOnes() =>
        Assert.Equal([1.0], Matrix("%%MatrixMarket matrix coordinate pattern general\n1 1 1\n1 1\n").Values.ToArray());

    [Theory]
    [InlineData("", "a.mtx:0: a Matrix Market file begins")]
    [InlineData("1 1 1\n", "a.mtx:1: a Matrix Market file begins")]
    [InlineData("%%MatrixMarket matrix array real general\n", "a.mtx:1: only sparse matrices")]
    [InlineData("%%MatrixMarket matrix coordinate complex general\n", "a.mtx:1: values must be real, integer or pattern, not 'complex'.")]
    [InlineData("%%MatrixMarket matrix coordinate real hermitian\n", "a.mtx:1: the symmetry must be")]
    [InlineData("%%MatrixMarket matrix coordinate real general\n2 2\n", "a.mtx:2: here must be the numbers of rows, columns and entries.")]
    [InlineData("%%MatrixMarket matrix coordinate real symmetric\n3 4 1\n1 4 1\n", "a.mtx:2: a symmetric matrix is square, and this one has 3 rows and 4 columns.")]
    [InlineData("%%MatrixMarket matrix coordinate real general\n2 2 1\n3 1 1\n", "a.mtx:3: the matrix has 2 rows and 2 columns, and no place 3, 1.")]
    [InlineData("%%MatrixMarket matrix coordinate real general\n2 2 1\n1 1\n", "a.mtx:3: an entry is a row, a column and a value.")]
    [InlineData("%%MatrixMarket matrix coordinate real general\n2 2 1\n1 1 x\n", "a.mtx:3: an entry is a row, a column and a value.")]
    [InlineData("%%MatrixMarket matrix coordinate real general\n2 2 2\n1 1 1\n", "a.mtx:3: the file ends here; entry 2 of 2 is missing.")]
    public void AWrongMatrixIsNamed(string text, string message) =>
        Assert.StartsWith(message, Assert.Throws<TraceFormatException>(() => Matrix(text)).Message, System.StringComparison.Ordinal);

    [Fact]
    public void AGraphIsReadEdgeByEdge()
    {
        Graph graph = Edges("# a graph\n0 2\n2\t1 0.5\n0 1\n", isUndirected: false);
        Assert.Equal(3, graph.Vertices);
        Assert.Equal([0L, 2, 2, 3], graph.Starts.ToArray());
        Assert.Equal([2, 1, 1], graph.Neighbours.ToArray());
        Assert.Equal(6, Edges("0 2\n2 1\n0 1\n", isUndirected: true).Neighbours.Length);
    }

    [Theory]
    [InlineData("", "e.txt:0: there is no edge in this file.")]
    [InlineData("0 1\n0\n", "e.txt:2: an edge is the numbers of two vertices, apart by a space.")]
    [InlineData("0 -1\n", "e.txt:1: an edge is the numbers of two vertices, apart by a space.")]
    [InlineData("0 999999999\n", "e.txt:1: vertices have numbers from 0 to 268435455.")]
    public void AWrongGraphIsNamed(string text, string message) =>
        Assert.Equal(message, Assert.Throws<TraceFormatException>(() => Edges(text, isUndirected: false)).Message);

    [Fact]
    public void TheRandomGraphIsReachedFromItsFirstVertex()
    {
        Graph graph = Graph.Random(1000, 4, seed: 1);
        Assert.Equal(4000, graph.Neighbours.Length);
        Assert.All(graph.Neighbours.ToArray(), neighbour => Assert.InRange(neighbour, 0, 999));
        Assert.Equal(1000, graph.Neighbours.ToArray().Distinct().Count());
    }

    private static SparseMatrix Matrix(string text) => MatrixMarketFile.Read(new MemoryStream(Encoding.ASCII.GetBytes(text)), "a.mtx");

    private static Graph Edges(string text, bool isUndirected) =>
        EdgeListFile.Read(new MemoryStream(Encoding.ASCII.GetBytes(text)), "e.txt", isUndirected);
}
