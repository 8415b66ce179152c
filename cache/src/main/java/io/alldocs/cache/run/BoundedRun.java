package io.alldocs.cache.run;

import io.alldocs.OperationInterruptedException;
import io.alldocs.cache.entry.EntrySource;
import io.alldocs.cache.internal.run.RunWorkers;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Runs one task per item with bounded concurrency and memory. Workers pull items as they become free. Results are
 * delivered one at a time as they complete, and a failed item does not end the run.
 *
 * <p>The workers run on an executor, by default on new daemon threads. A worker pulls an item, runs the task, delivers
 * the result, and pulls the next item. There is no queue, so results do not accumulate when the consumer is slow.
 */
public final class BoundedRun {
    private static final AtomicInteger RUNS = new AtomicInteger();

    private BoundedRun() {}

    /** Returns an executor that starts a daemon thread for each task: the default of runs. */
    public static Executor threadPerTask() {
        String name = "all-docs-run-" + RUNS.incrementAndGet() + "-worker-";
        AtomicInteger number = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + number.incrementAndGet());
            thread.setDaemon(true);
            thread.start();
        };
    }

    /**
     * Runs until the end of {@code items}.
     *
     * @param items pulled lazily, by one thread at a time; may be unlimited, because items are not kept in memory
     * @param concurrency maximum number of parallel tasks, at least 1; the executor receives this many workers
     * @param executor runs the workers, each for as long as there are items. It is not closed. An executor with fewer
     *     free threads runs fewer tasks in parallel. If no thread becomes free, for example because the only one waits
     *     for this run, the run does not begin
     * @param task called on worker threads
     * @param source returns where a result came from, for the summary
     * @param results called by one thread at a time, so a slow consumer slows down the run. An exception that it throws
     *     ends the run and is rethrown to the caller
     * @param failures called in the same way with an item and its error
     * @param fatal decides which errors end the run: no further item is pulled, in-flight tasks complete and are
     *     delivered, and the error is thrown
     * @throws OperationInterruptedException if the calling thread is interrupted; the workers are interrupted, nothing
     *     more is delivered, and the interrupt flag is set again. A task that ignores its interrupt for ten seconds is
     *     abandoned
     * @throws RuntimeException the first fatal error, or the exception that {@code items} or a callback threw
     * @throws java.util.concurrent.RejectedExecutionException if the executor rejects a worker; the run ends first
     * @throws IllegalArgumentException if concurrency is below 1
     */
    public static <T, R> RunSummary run(
            Iterable<? extends T> items,
            int concurrency,
            Executor executor,
            Function<? super T, ? extends R> task,
            Function<? super R, EntrySource> source,
            Consumer<? super R> results,
            BiConsumer<? super T, ? super RuntimeException> failures,
            Predicate<? super RuntimeException> fatal) {
        if (concurrency < 1) {
            throw new IllegalArgumentException("The concurrency must be at least 1, but is " + concurrency + ".");
        }
        return new Run<T, R>(items.iterator(), task, source, results, failures, fatal).run(concurrency, executor);
    }

    private static final class Run<T, R> {
        private static final int MAX_FAILURES = 100;
        private static final int MAX_TEXT_CHARS = 500;
        private static final long PATIENCE_SECONDS = 10;

        private final Iterator<? extends T> items;
        private final Function<? super T, ? extends R> task;
        private final Function<? super R, EntrySource> source;
        private final Consumer<? super R> results;
        private final BiConsumer<? super T, ? super RuntimeException> failures;
        private final Predicate<? super RuntimeException> fatal;

        private final long startedAt = System.nanoTime();
        private final ReentrantLock pulling = new ReentrantLock();
        private final ReentrantLock handing = new ReentrantLock();
        private final RunWorkers workers = new RunWorkers();

        /** Whether no further item may be pulled. */
        private volatile boolean draining;

        /** Whether results may no longer be delivered either. */
        private volatile boolean stopped;

        private long taken;
        private long failed;
        private final Map<EntrySource, Long> bySource = new EnumMap<>(EntrySource.class);
        private final Map<String, String> firstFailures = new LinkedHashMap<>();
        private final AtomicReference<Throwable> error = new AtomicReference<>();

        Run(
                Iterator<? extends T> items,
                Function<? super T, ? extends R> task,
                Function<? super R, EntrySource> source,
                Consumer<? super R> results,
                BiConsumer<? super T, ? super RuntimeException> failures,
                Predicate<? super RuntimeException> fatal) {
            this.items = items;
            this.task = task;
            this.source = source;
            this.results = results;
            this.failures = failures;
            this.fatal = fatal;
        }

        RunSummary run(int concurrency, Executor executor) {
            start(concurrency, executor);
            try {
                workers.await();
            } catch (InterruptedException e) {
                OperationInterruptedException interrupted = new OperationInterruptedException(
                        "The run was interrupted. Results stored so far are kept.", e);
                stop(interrupted);
                Thread.currentThread().interrupt();
                throw interrupted;
            }
            return summary();
        }

        /**
         * Starts all workers or none. If the executor rejects a worker, or the system cannot start a thread, the
         * workers already started end before this method throws.
         */
        private void start(int concurrency, Executor executor) {
            try {
                for (int i = 0; i < concurrency; i++) {
                    executor.execute(() -> workers.work(this::next));
                }
            } catch (RuntimeException | Error e) {
                stop(e);
                throw e;
            }
        }

        /** @return false if there is nothing left to do */
        private boolean next() {
            T item;
            pulling.lock();
            try {
                if (draining || !items.hasNext()) {
                    return false;
                }
                item = items.next();
                taken++;
            } catch (RuntimeException | Error e) {
                end(e);
                return false;
            } finally {
                pulling.unlock();
            }
            perform(item);
            return true;
        }

        private void perform(T item) {
            R result;
            try {
                result = task.apply(item);
            } catch (RuntimeException e) {
                handOver(() -> failed(item, e));
                return;
            } catch (Error e) {
                end(e);
                return;
            } finally {
                if (!stopped) {
                    // Clear an interrupt that the task left behind, so that it does not affect the next item.
                    Thread.interrupted();
                }
            }
            handOver(() -> {
                bySource.merge(source.apply(result), 1L, Long::sum);
                results.accept(result);
            });
        }

        private void failed(T item, RuntimeException e) {
            failed++;
            if (firstFailures.size() < MAX_FAILURES) {
                firstFailures.put(
                        shorten(String.valueOf(item)),
                        shorten(String.valueOf(e.getMessage() == null ? e : e.getMessage())));
            }
            if (fatal.test(e)) {
                draining = true;
                error.compareAndSet(null, e);
            }
            failures.accept(item, e);
        }

        private void handOver(Runnable callback) {
            handing.lock();
            try {
                if (!stopped) {
                    callback.run();
                }
            } catch (RuntimeException | Error e) {
                end(e);
            } finally {
                handing.unlock();
            }
        }

        private void end(Throwable e) {
            error.compareAndSet(null, e);
            draining = true;
            stopped = true;
        }

        private void stop(Throwable why) {
            // End the run before interrupting, so that a worker that ignores its interrupt finds no more work.
            end(why);
            try {
                if (!workers.stop(PATIENCE_SECONDS)) {
                    why.addSuppressed(
                            new IllegalStateException("Some tasks ignored the interrupt and are still running."));
                }
            } catch (InterruptedException again) {
                why.addSuppressed(again);
                Thread.currentThread().interrupt();
            }
        }

        private RunSummary summary() {
            handing.lock();
            try {
                if (error.get() instanceof RuntimeException failure) {
                    throw failure;
                }
                if (error.get() instanceof Error failure) {
                    throw failure;
                }
                return new RunSummary(
                        taken, bySource, failed, firstFailures, Duration.ofNanos(System.nanoTime() - startedAt));
            } finally {
                handing.unlock();
            }
        }

        private static String shorten(String text) {
            return text.length() <= MAX_TEXT_CHARS ? text : text.substring(0, MAX_TEXT_CHARS) + "…";
        }
    }
}
