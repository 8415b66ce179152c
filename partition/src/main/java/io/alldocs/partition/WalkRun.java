package io.alldocs.partition;

import io.alldocs.OperationInterruptedException;
import io.alldocs.cache.PartitionCheckpoint;
import io.alldocs.cache.PartitionCheckpoint.State;
import io.alldocs.cache.entry.EntrySource;
import io.alldocs.cache.run.BoundedRun;
import io.alldocs.cache.run.RunSummary;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.http.AuthException;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Walks many partitions in parallel. Used once. */
final class WalkRun {
    private final Function<Partition, PageWalk> walks;
    private final int concurrency;
    private final Executor executor;
    private final Consumer<? super PartitionResult> results;
    private final BiConsumer<? super Partition, ? super RuntimeException> failures;

    private final ReentrantLock oneResultAtATime = new ReentrantLock();
    private final Map<EntrySource, Long> pagesBySource = new ConcurrentHashMap<>();

    /** Whether in-flight walks must end at their next page. */
    private volatile boolean ending;

    WalkRun(
            Function<Partition, PageWalk> walks,
            int concurrency,
            Executor executor,
            Consumer<? super PartitionResult> results,
            BiConsumer<? super Partition, ? super RuntimeException> failures) {
        this.walks = walks;
        this.concurrency = concurrency;
        this.executor = executor;
        this.results = results;
        this.failures = failures;
    }

    /** The totals of one walk. */
    private record Totals(long rows, long designDocuments, long pages, EntrySource source) {}

    /** A partition of a checkpoint. */
    private record Planned(int index, Partition partition) {
        @Override
        public String toString() {
            return partition.toString();
        }
    }

    /** Wraps an exception that a callback threw. It ends the run and is rethrown to the caller without this wrapper. */
    private static final class CallbackException extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final RuntimeException thrown;

        CallbackException(RuntimeException thrown) {
            super(thrown);
            this.thrown = thrown;
        }
    }

    /** Ends a walk between two pages because the run has ended for another reason. */
    private static final class StoppedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        StoppedException() {
            super("The run ended before this walk was complete.", null, false, false);
        }
    }

    RunSummary run(Iterable<Partition> partitions) {
        return bounded(partitions, this::walk, failures);
    }

    RunSummary resume(PartitionCheckpoint checkpoint, PartitionCheckpoint.Header header) {
        Iterable<Planned> unfinished = () -> unfinished(checkpoint, header);
        return bounded(
                unfinished,
                planned -> walkAndRecord(checkpoint, planned),
                (planned, failure) -> failures.accept(planned.partition(), failure));
    }

    /** Walks one partition on the calling thread. */
    void resume(PartitionCheckpoint checkpoint, PartitionCheckpoint.Header header, int index) {
        if (checkpoint.record(index).state() == State.COMPLETE) {
            return;
        }
        try {
            walkAndRecord(
                    checkpoint,
                    new Planned(index, Partition.of(header.partitions().get(index))));
        } catch (StoppedException e) {
            // A run with a single walk ends early only when the thread is interrupted.
            throw new OperationInterruptedException("Interrupted while fetching partition " + index, e);
        } catch (CallbackException e) {
            e.thrown.addSuppressed(e);
            throw e.thrown;
        }
    }

    private static Iterator<Planned> unfinished(PartitionCheckpoint checkpoint, PartitionCheckpoint.Header header) {
        return IntStream.range(0, header.partitions().size())
                .filter(index -> checkpoint.record(index).state() != State.COMPLETE)
                .mapToObj(index ->
                        new Planned(index, Partition.of(header.partitions().get(index))))
                .iterator();
    }

    private <T> RunSummary bounded(
            Iterable<T> items, Function<T, Totals> task, BiConsumer<? super T, ? super RuntimeException> onFailure) {
        try {
            RunSummary summary = BoundedRun.run(
                    items,
                    concurrency,
                    executor,
                    item -> stopOthersOnFatal(task, item),
                    Totals::source,
                    totals -> {},
                    (item, failure) -> {
                        if (isOfAWalk(failure)) {
                            onFailure.accept(item, failure);
                        }
                    },
                    WalkRun::endsTheRun);
            return new RunSummary(
                    summary.items(),
                    Map.copyOf(pagesBySource),
                    summary.failed(),
                    summary.failures(),
                    summary.elapsed());
        } catch (CallbackException e) {
            e.thrown.addSuppressed(e);
            throw e.thrown;
        }
    }

    private <T> Totals stopOthersOnFatal(Function<T, Totals> task, T item) {
        try {
            return task.apply(item);
        } catch (RuntimeException e) {
            if (endsTheRun(e)) {
                ending = true;
            }
            throw e;
        }
    }

    private static boolean isOfAWalk(RuntimeException e) {
        return !(e instanceof CallbackException || e instanceof StoppedException);
    }

    /** Returns whether the error would affect the next partition too. */
    private static boolean endsTheRun(RuntimeException e) {
        return e instanceof CallbackException
                || e instanceof AuthException
                || e instanceof OperationInterruptedException
                || (e instanceof StorageException storage && !storage.retryable());
    }

    private Totals walk(Partition partition) {
        long rows = 0;
        long designDocuments = 0;
        long pages = 0;
        EntrySource source = EntrySource.HIT;
        try (PageWalk walk = walks.apply(partition)) {
            while (walk.hasNext()) {
                if (ending || Thread.currentThread().isInterrupted()) {
                    throw new StoppedException();
                }
                PartitionResult page = walk.next();
                rows += page.rows();
                designDocuments += page.designDocuments();
                pages++;
                source = page.entry().source();
                handOver(page);
            }
        }
        return new Totals(rows, designDocuments, pages, source);
    }

    private void handOver(PartitionResult page) {
        pagesBySource.merge(page.entry().source(), 1L, Long::sum);
        oneResultAtATime.lock();
        try (page) {
            results.accept(page);
        } catch (RuntimeException e) {
            throw new CallbackException(e);
        } finally {
            oneResultAtATime.unlock();
        }
    }

    private Totals walkAndRecord(PartitionCheckpoint checkpoint, Planned planned) {
        try {
            Totals totals = walk(planned.partition());
            checkpoint.markComplete(
                    planned.index(),
                    Map.of(
                            CompletenessReport.ROWS, totals.rows(),
                            CompletenessReport.DESIGN_DOCUMENTS, totals.designDocuments(),
                            CompletenessReport.PAGES, totals.pages()));
            return totals;
        } catch (RuntimeException e) {
            if (isOfAWalk(e) && !endsTheRun(e)) {
                checkpoint.markFailed(planned.index(), String.valueOf(e.getMessage()));
            }
            throw e;
        }
    }
}
