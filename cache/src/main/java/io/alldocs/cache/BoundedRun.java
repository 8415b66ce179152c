package io.alldocs.cache;

import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Runs one task per item with bounded concurrency and memory: items are pulled as workers become free, results are handed over one at a time as
 * they complete, one item's failure does not end the run.
 */
public final class BoundedRun {
    private BoundedRun() {}

    /**
     * @param items pulled lazily, by one thread at a time; may be endless for memory's sake
     * @param concurrency tasks at the same time, at least 1
     * @param task called on worker threads
     * @param source says where a result came from, for the summary
     * @param results called by one thread at a time, a slow consumer slows the run; an exception it throws ends the run and reaches the caller
     * @param failures called likewise with an item and its error
     * @param fatal errors that end the run: no further item is taken, what is in flight ends, the error is thrown
     * @throws RuntimeException the first fatal error, or what a callback threw; an interrupt of the calling thread stops the workers
     */
    public static <T, R> RunSummary run(
            Iterable<? extends T> items,
            int concurrency,
            Function<? super T, ? extends R> task,
            Function<? super R, CacheEntry.Source> source,
            Consumer<? super R> results,
            BiConsumer<? super T, ? super RuntimeException> failures,
            Predicate<? super RuntimeException> fatal) {
        throw new AssertionError("skeleton");
    }
}
