package io.alldocs.cache.scan;

import io.alldocs.OperationInterruptedException;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.EntrySource;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.run.BoundedRun;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.cache.spi.StoredEntry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Copies entries unchanged from one store to another, with metadata and bodies. Entries that the target already has are
 * kept, so running an interrupted copy again resumes it. The digest of every body is checked during the copy. Entries
 * that are damaged or too large for the target are reported and skipped.
 */
public final class CacheCopy {
    private static final int BATCH = 16;
    private static final int MAX_PROBLEMS = 1_000;

    private final StorageDriver from;
    private final StorageDriver to;
    private final List<String> problems = new ArrayList<>();
    private long copied;
    private long copiedBytes;
    private long alreadyThere;
    private long leftOut;

    private CacheCopy(StorageDriver from, StorageDriver to) {
        this.from = from;
        this.to = to;
    }

    /**
     * The result of a copy.
     *
     * @param copied entries stored in the target
     * @param copiedBytes size of their bodies
     * @param alreadyThere entries that the target already had, with the same metadata
     * @param leftOut entries that are damaged, or that the target cannot hold
     * @param problems the first 1,000 of the entries left out, each with its key and the reason
     */
    public record Report(long copied, long copiedBytes, long alreadyThere, long leftOut, List<String> problems) {

        /** Copies the problems. */
        public Report {
            problems = List.copyOf(problems);
        }

        /** Returns whether the target now has all entries. */
        public boolean complete() {
            return leftOut == 0;
        }
    }

    /**
     * Copies the entries whose keys {@code wanted} accepts.
     *
     * @param concurrency maximum number of batches of {@value #BATCH} entries in flight, at least 1; each batch holds
     *     bodies of up to 1 MiB on the heap
     * @param progress called with the number of further entries that are done, by one thread at a time
     * @throws StorageException if one of the stores refuses a request or is unreachable; entries already copied remain
     * @throws OperationInterruptedException if the thread is interrupted; entries already copied remain
     * @throws IllegalArgumentException if concurrency is below 1
     */
    public static Report run(
            StorageDriver from,
            StorageDriver to,
            Predicate<? super String> wanted,
            int concurrency,
            Consumer<? super Integer> progress) {
        return run(from, to, wanted, concurrency, BoundedRun.threadPerTask(), progress);
    }

    /**
     * Copies like {@link #run(StorageDriver, StorageDriver, Predicate, int, Consumer)} on the threads of an executor.
     *
     * @param executor needs as many free threads as {@code concurrency}; with fewer, fewer batches are in flight. It is
     *     not closed
     */
    public static Report run(
            StorageDriver from,
            StorageDriver to,
            Predicate<? super String> wanted,
            int concurrency,
            Executor executor,
            Consumer<? super Integer> progress) {
        return new CacheCopy(from, to).run(wanted, concurrency, executor, progress);
    }

    private Report run(
            Predicate<? super String> wanted, int concurrency, Executor executor, Consumer<? super Integer> progress) {
        try (Stream<String> keys = from.list("", null)) {
            Iterator<List<String>> batches = batches(keys.filter(wanted).iterator());
            BoundedRun.<List<String>, Batch>run(
                    () -> batches,
                    concurrency,
                    executor,
                    this::copy,
                    batch -> EntrySource.HIT,
                    batch -> {
                        record(batch);
                        progress.accept(batch.keys);
                    },
                    (batch, error) -> {},
                    error -> true);
        }
        return new Report(copied, copiedBytes, alreadyThere, leftOut, problems);
    }

    private static Iterator<List<String>> batches(Iterator<String> keys) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return keys.hasNext();
            }

            @Override
            public List<String> next() {
                if (!keys.hasNext()) {
                    throw new NoSuchElementException();
                }
                List<String> batch = new ArrayList<>(BATCH);
                while (batch.size() < BATCH && keys.hasNext()) {
                    batch.add(keys.next());
                }
                return batch;
            }
        };
    }

    /** The results for a few keys. */
    private static final class Batch {
        private final int keys;
        private final List<String> problems = new ArrayList<>();
        private int copied;
        private long copiedBytes;
        private int alreadyThere;

        Batch(int keys) {
            this.keys = keys;
        }
    }

    private Batch copy(List<String> keys) {
        Batch batch = new Batch(keys.size());
        List<String> missing = keys.stream().filter(key -> !isThere(key, batch)).toList();
        Map<String, StoredEntry> read = read(missing, batch);
        try {
            Map<String, StoredEntry> whole = new LinkedHashMap<>();
            read.forEach((key, entry) -> {
                if (isFit(key, entry, batch)) {
                    whole.put(key, entry);
                }
            });
            to.putBatch(whole);
            batch.copied = whole.size();
            batch.copiedBytes = whole.values().stream()
                    .mapToLong(entry -> entry.body().sizeBytes())
                    .sum();
        } finally {
            read.values().forEach(entry -> entry.body().close());
        }
        return batch;
    }

    private boolean isThere(String key, Batch batch) {
        try {
            Optional<EntryMetadata> theirs = to.head(key);
            boolean there = theirs.isPresent()
                    && from.head(key)
                            .filter(ours -> CacheDiff.isSame(ours, theirs.get()))
                            .isPresent();
            batch.alreadyThere += there ? 1 : 0;
            return there;
        } catch (IntegrityException | IllegalArgumentException e) {
            return false;
        }
    }

    private Map<String, StoredEntry> read(List<String> keys, Batch batch) {
        try {
            return from.getBatch(keys);
        } catch (IntegrityException e) {
            Map<String, StoredEntry> read = new LinkedHashMap<>();
            for (String key : keys) {
                try {
                    from.get(key).ifPresent(entry -> read.put(key, entry));
                } catch (IntegrityException damaged) {
                    batch.problems.add(key + ": " + damaged.getMessage());
                }
            }
            return read;
        }
    }

    private boolean isFit(String key, StoredEntry entry, Batch batch) {
        try {
            if (!entry.head().describes(entry.body())) {
                batch.problems.add(key + ": its body does not match its recorded size or digest");
                return false;
            }
            to.capabilities().requireEntry(key, entry.head(), entry.body());
            return true;
        } catch (IntegrityException | IllegalArgumentException e) {
            batch.problems.add(key + ": " + e.getMessage());
            return false;
        } catch (IOException e) {
            throw new StorageException("Cannot read the body of " + key + " in the " + from.name() + " store", true, e);
        }
    }

    /** Called by one thread at a time. */
    private void record(Batch batch) {
        copied += batch.copied;
        copiedBytes += batch.copiedBytes;
        alreadyThere += batch.alreadyThere;
        leftOut += batch.problems.size();
        batch.problems.stream().limit(MAX_PROBLEMS - problems.size()).forEach(problems::add);
    }
}
