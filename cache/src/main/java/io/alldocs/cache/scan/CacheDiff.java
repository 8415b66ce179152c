package io.alldocs.cache.scan;

import io.alldocs.OperationInterruptedException;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.EntrySource;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.run.BoundedRun;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StorageException;
import java.util.Iterator;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Compares the metadata of two stores. Only keys and metadata are read, and the stores may list their keys in any
 * order.
 */
public final class CacheDiff {
    private CacheDiff() {}

    /** The kind of difference between two stores. */
    public enum Kind {
        /** Only the first store has the key. */
        ONLY_IN_FIRST,
        /** Only the second store has the key. */
        ONLY_IN_SECOND,
        /** Both stores have the key, with different bytes, revisions or outcomes. */
        DIFFERS
    }

    /**
     * One difference.
     *
     * @param first metadata in the first store, null if the key is absent there
     * @param second metadata in the second store, null if the key is absent there
     */
    public record Difference(
            String key,
            Kind kind,
            @Nullable EntryMetadata first,
            @Nullable EntryMetadata second) {}

    /**
     * Finds all differences between two stores, for the keys that {@code wanted} accepts.
     *
     * @param concurrency maximum number of keys compared at the same time, at least 1
     * @param differences called with each difference as it is found, by one thread at a time
     * @param progress called with each key that was compared, by one thread at a time
     * @throws StorageException if one of the stores cannot be read
     * @throws IntegrityException if metadata cannot be read
     * @throws OperationInterruptedException if the thread is interrupted
     * @throws IllegalArgumentException if concurrency is below 1
     */
    public static void run(
            StorageDriver first,
            StorageDriver second,
            Predicate<? super String> wanted,
            int concurrency,
            Consumer<? super Difference> differences,
            Runnable progress) {
        run(first, second, wanted, concurrency, BoundedRun.threadPerTask(), differences, progress);
    }

    /**
     * Compares like {@link #run(StorageDriver, StorageDriver, Predicate, int, Consumer, Runnable)} on the threads of an
     * executor.
     *
     * @param executor needs as many free threads as {@code concurrency}; with fewer, fewer keys are compared at the
     *     same time. It is not closed
     */
    public static void run(
            StorageDriver first,
            StorageDriver second,
            Predicate<? super String> wanted,
            int concurrency,
            Executor executor,
            Consumer<? super Difference> differences,
            Runnable progress) {
        Consumer<Optional<Difference>> told = difference -> {
            progress.run();
            difference.ifPresent(differences);
        };
        each(first, wanted, concurrency, executor, key -> ofFirst(key, first.head(key), second.head(key)), told);
        each(second, wanted, concurrency, executor, key -> ofSecond(key, first, second), told);
    }

    private static void each(
            StorageDriver driver,
            Predicate<? super String> wanted,
            int concurrency,
            Executor executor,
            Function<String, Optional<Difference>> comparison,
            Consumer<Optional<Difference>> told) {
        try (Stream<String> keys = driver.list("", null)) {
            Iterator<String> chosen = keys.filter(wanted).iterator();
            BoundedRun.<String, Optional<Difference>>run(
                    () -> chosen,
                    concurrency,
                    executor,
                    comparison,
                    difference -> EntrySource.HIT,
                    told,
                    (key, error) -> {},
                    error -> true);
        }
    }

    private static Optional<Difference> ofFirst(
            String key, Optional<EntryMetadata> ours, Optional<EntryMetadata> theirs) {
        if (ours.isEmpty()) {
            return Optional.empty(); // deleted after it was listed
        }
        if (theirs.isEmpty()) {
            return Optional.of(new Difference(key, Kind.ONLY_IN_FIRST, ours.get(), null));
        }
        return isEqual(ours.get(), theirs.get())
                ? Optional.empty()
                : Optional.of(new Difference(key, Kind.DIFFERS, ours.get(), theirs.get()));
    }

    private static Optional<Difference> ofSecond(String key, StorageDriver first, StorageDriver second) {
        return first.has(key)
                ? Optional.empty()
                : second.head(key).map(theirs -> new Difference(key, Kind.ONLY_IN_SECOND, null, theirs));
    }

    /**
     * Returns whether both heads describe the same bytes and the same response. The times of the requests are ignored.
     */
    private static boolean isEqual(EntryMetadata ours, EntryMetadata theirs) {
        return hasSameBytes(ours, theirs)
                && Objects.equals(ours.rev(), theirs.rev())
                && Objects.equals(ours.outcome(), theirs.outcome());
    }

    /**
     * Returns whether both heads are equal as far as a store keeps them. If metadata is bare, a store may keep only the
     * body.
     */
    static boolean isSame(EntryMetadata ours, EntryMetadata theirs) {
        return (ours.isBare() || theirs.isBare()) ? hasSameBytes(ours, theirs) : ours.equals(theirs);
    }

    /** Compares size and digest. Without a recorded digest, equality cannot be determined. */
    private static boolean hasSameBytes(EntryMetadata ours, EntryMetadata theirs) {
        return ours.sizeBytes() == theirs.sizeBytes()
                && ours.integrity() != null
                && ours.integrity().equals(theirs.integrity());
    }
}
