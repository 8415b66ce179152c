package io.alldocs.storage.filesystem;

import java.nio.file.Path;
import java.util.Collections;
import java.util.Iterator;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Consumer;

/**
 * Iterates over live keys, one bucket after another. A key belongs to exactly one bucket, so it is returned once.
 * Fails, instead of ending early, if the folder disappears meanwhile.
 */
final class KeyWalk extends Spliterators.AbstractSpliterator<String> {

    /** Runs an operation and translates its failure. */
    interface Attempt {
        <T> T run(Uninterrupted.Operation<T> operation);
    }

    private final Index index;
    private final Attempt attempt;
    private final BucketWalk buckets;
    private Iterator<Bucket.Line> lines = Collections.emptyIterator();

    KeyWalk(CacheFolder folder, Index index, Attempt attempt) {
        super(Long.MAX_VALUE, Spliterator.DISTINCT | Spliterator.NONNULL);
        this.index = index;
        this.attempt = attempt;
        this.buckets = attempt.run(() -> new BucketWalk(folder, folder.children(folder.index())));
    }

    @Override
    public boolean tryAdvance(Consumer<? super String> action) {
        while (!lines.hasNext()) {
            Optional<Path> bucket = attempt.run(buckets::next);
            if (bucket.isEmpty()) {
                return false;
            }
            lines = attempt.run(() -> index.read(bucket.get())).summary().live().iterator();
        }
        action.accept(lines.next().record().key());
        return true;
    }
}
