// Each of these tests loads all processors by itself; two at once measure the scheduler.
[assembly: Xunit.CollectionBehavior(DisableTestParallelization = true)]
