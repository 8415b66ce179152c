package io.alldocs.cache;

import io.alldocs.cache.spi.StorageDriver;
import java.util.Iterator;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Compares two stores by their heads: nothing is read but keys and heads, whatever order the stores list in. */
public final class CacheDiff {
    private CacheDiff() {}

    /** In what two stores differ. */
    public enum Kind {
        /** The first has it, the second has not. */
        ONLY_IN_FIRST,
        /** The second has it, the first has not. */
        ONLY_IN_SECOND,
        /** Both have it, with other bytes, or with another revision or outcome. */
        DIFFERS
    }

    /**
     * One difference.
     *
     * @param first the head in the first store, null when it is not there
     * @param second the head in the second store, null when it is not there
     */
    public record Difference(
            String key,
            Kind kind,
            @Nullable EntryHead first,
            @Nullable EntryHead second) {}

    /**
     * Finds all differences between what {@code wanted} accepts of two stores.
     *
     * @param concurrency keys compared at the same time, at least 1
     * @param differences told of each as it is found, by one thread at a time
     * @param progress told of each key that was looked at, by one thread at a time
     * @throws StorageException when one of the stores cannot be read
     * @throws IntegrityException when a head cannot be read
     * @throws OperationInterruptedException when the thread is interrupted
     * @throws IllegalArgumentException when concurrency is below 1
     */
    public static void run(
            StorageDriver first,
            StorageDriver second,
            Predicate<? super String> wanted,
            int concurrency,
            Consumer<? super Difference> differences,
            Runnable progress) {
        Consumer<Optional<Difference>> told = difference -> {
            progress.run();
            difference.ifPresent(differences);
        };
        each(first, wanted, concurrency, key -> ofFirst(key, first.head(key), second.head(key)), told);
        each(second, wanted, concurrency, key -> ofSecond(key, first, second), told);
    }

    private static void each(
            StorageDriver driver,
            Predicate<? super String> wanted,
            int concurrency,
            Function<String, Optional<Difference>> comparison,
            Consumer<Optional<Difference>> told) {
        try (Stream<String> keys = driver.list("", null)) {
            Iterator<String> chosen = keys.filter(wanted).iterator();
            BoundedRun.<String, Optional<Difference>>run(
                    () -> chosen,
                    concurrency,
                    comparison,
                    difference -> CacheEntry.Source.HIT,
                    told,
                    (key, error) -> {},
                    error -> true);
        }
    }

    private static Optional<Difference> ofFirst(String key, Optional<EntryHead> ours, Optional<EntryHead> theirs) {
        if (ours.isEmpty()) {
            return Optional.empty(); // deleted since it was listed
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

    /** Whether two heads speak of the same bytes and the same answer; when it was asked for makes no difference. */
    private static boolean isEqual(EntryHead ours, EntryHead theirs) {
        return hasSameBytes(ours, theirs)
                && Objects.equals(ours.rev(), theirs.rev())
                && Objects.equals(ours.outcome(), theirs.outcome());
    }

    /** Whether nothing would change if the one took the other's place. Of a bare head a store need not keep more than the body. */
    static boolean isSame(EntryHead ours, EntryHead theirs) {
        return (ours.isBare() || theirs.isBare()) ? hasSameBytes(ours, theirs) : ours.equals(theirs);
    }

    /** Without a recorded digest nobody can say. */
    private static boolean hasSameBytes(EntryHead ours, EntryHead theirs) {
        return ours.sizeBytes() == theirs.sizeBytes()
                && ours.integrity() != null
                && ours.integrity().equals(theirs.integrity());
    }
}
