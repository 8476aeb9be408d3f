using System.Collections.Generic;
using FsCheck;
using FsCheck.Fluent;
using Hmm.Svm.Policies;

namespace Hmm.Svm.Tests;

public class PageMaskTests
{
    [Fact]
    public void AMaskIsTheSetOfItsPages() =>
        Prop.ForAll<byte[]>(steps =>
        {
            PageMask mask = default;
            SortedSet<int> model = [];
            for (int i = 0; i + 2 < steps.Length; i += 3)
            {
                int first = steps[i] * 2;
                int count = System.Math.Min(steps[i + 1], PageMask.Pages - first);
                if (steps[i + 2] % 3 == 0)
                {
                    mask.Remove(first);
                    model.Remove(first);
                }
                else
                {
                    mask.AddRange(first, count);
                    for (int page = first; page < first + count; page++)
                    {
                        model.Add(page);
                    }
                }
            }

            List<int> found = [];
            for (int page = mask.Next(0); page < PageMask.Pages; page = mask.Next(page + 1))
            {
                found.Add(page);
            }

            Assert.Equal(model, found);
            Assert.Equal(model.Count, mask.Count);
            Assert.Equal(model.Count == 0, mask.IsEmpty);
            Assert.Equal(PageMask.Pages - model.Count, (~mask).Count);
        }).QuickCheckThrowOnFailure();
}
