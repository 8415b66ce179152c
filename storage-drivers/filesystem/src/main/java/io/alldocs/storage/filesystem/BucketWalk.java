package io.alldocs.storage.filesystem;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * Iterates over all bucket files below a directory of the index. Holds the names of only one directory in memory at a
 * time.
 */
final class BucketWalk {
    private final CacheFolder folder;
    private final Deque<Path> first;
    private final Deque<Path> second = new ArrayDeque<>();
    private final Deque<Path> buckets = new ArrayDeque<>();

    /** @param directories such as {@code index-v5/{k0k1}} */
    BucketWalk(CacheFolder folder, Iterable<Path> directories) {
        this.folder = folder;
        first = new ArrayDeque<>();
        directories.forEach(first::add);
    }

    Optional<Path> next() throws IOException {
        while (buckets.isEmpty()) {
            if (!second.isEmpty()) {
                buckets.addAll(folder.children(second.remove()));
            } else if (!first.isEmpty()) {
                second.addAll(folder.children(first.remove()));
            } else {
                return Optional.empty();
            }
        }
        return Optional.of(buckets.remove());
    }
}
