// Memory, thread counts and time are measured: tests run one after the other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
