package io.alldocs.storage.filesystem;

import io.alldocs.OperationInterruptedException;
import io.alldocs.cache.spi.ParallelBatches;
import io.alldocs.cache.spi.VerifyOptions;
import io.alldocs.cache.spi.VerifyReport;
import io.alldocs.spi.SriHash;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;

/**
 * One verify of a folder. It marks the content that the index refers to, checks digests, removes unreferenced content,
 * drops records without content, and cleans up temporary files. It is safe to run while writers are active. Everything
 * written or renewed after {@code cutoff} is kept. Content is removed under the lock that writers take before they rely
 * on it, and buckets are rewritten under the lock that protects appends.
 */
final class Verification {
    private static final Logger LOG = System.getLogger(Verification.class.getName());
    private static final int MAX_PROBLEMS = 1_000;

    private final CacheFolder folder;
    private final Index index;
    private final ContentStore content;
    private final FolderLocks locks;
    private final VerifyOptions options;
    private final Clock clock;
    private final Instant cutoff;

    private final DigestSet live = new DigestSet();
    private final DigestSet removed = new DigestSet();
    private final LongAdder totalEntries = new LongAdder();
    private final LongAdder verifiedContent = new LongAdder();
    private final LongAdder badContent = new LongAdder();
    private final LongAdder missingContent = new LongAdder();
    private final LongAdder rejectedEntries = new LongAdder();
    private final LongAdder reclaimed = new LongAdder();
    private final LongAdder reclaimedBytes = new LongAdder();
    private final LongAdder keptBytes = new LongAdder();
    private final List<String> problems = new ArrayList<>();

    Verification(
            CacheFolder folder,
            Index index,
            ContentStore content,
            FolderLocks locks,
            VerifyOptions options,
            Clock clock) {
        this.folder = folder;
        this.index = index;
        this.content = content;
        this.locks = locks;
        this.options = options;
        this.clock = clock;
        this.cutoff = clock.instant().minus(options.youngerThan());
    }

    VerifyReport run() throws IOException {
        long start = System.nanoTime();
        inParallel(folder.children(folder.index()), this::markBuckets);
        LOG.log(Level.DEBUG, "Marked {0} entries", totalEntries);
        inParallel(contentDirectories(), this::sweep);
        LOG.log(Level.DEBUG, "Verified {0} bodies", verifiedContent);
        if (options.repair()) {
            if (!removed.isEmpty()) {
                inParallel(folder.children(folder.index()), this::dropRemoved);
            }
            removeTemporaryFiles();
            stamp();
        }
        return report(Duration.ofNanos(System.nanoTime() - start));
    }

    private VerifyReport report(Duration elapsed) {
        synchronized (problems) {
            return new VerifyReport(
                    totalEntries.sum(),
                    verifiedContent.sum(),
                    badContent.sum(),
                    missingContent.sum(),
                    rejectedEntries.sum(),
                    reclaimed.sum(),
                    reclaimedBytes.sum(),
                    keptBytes.sum(),
                    List.copyOf(problems),
                    elapsed);
        }
    }

    /** Runs {@code work} on each path, at most {@code concurrency} at a time; the first failure stops all of them. */
    private void inParallel(List<Path> paths, Work work) throws IOException {
        try {
            ParallelBatches.each(paths, options.concurrency(), options.executor(), path -> {
                try {
                    work.on(path);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } catch (OperationInterruptedException e) {
            throw new IOException("interrupted", e);
        }
    }

    private interface Work {
        void on(Path path) throws IOException;
    }

    // ---- index

    private void markBuckets(Path directory) throws IOException {
        BucketWalk walk = new BucketWalk(folder, List.of(directory));
        for (Optional<Path> bucket = walk.next(); bucket.isPresent(); bucket = walk.next()) {
            stopWhenInterrupted();
            markBucket(bucket.get());
        }
    }

    private void markBucket(Path path) throws IOException {
        Bucket bucket = index.read(path);
        Bucket.Summary summary = bucket.summary();
        if (summary.damaged() > 0) {
            // The first read may have seen part of a concurrent append. Reading again under the lock excludes writers.
            summary = locked(path, () -> index.read(path).summary());
        }
        boolean rewrite = summary.hasDeadLines();
        for (Bucket.Line line : summary.live()) {
            rewrite |= !mark(line.record());
        }
        if (summary.damaged() > 0) {
            rejectedEntries.add(summary.damaged());
            problem(path + " has " + summary.damaged() + " torn or damaged records");
        }
        if (rewrite && options.repair() && isOld(path)) {
            rewrite(path, this::hasContent);
        }
    }

    private boolean hasContent(IndexRecord record) {
        return record.content()
                .map(hash -> content.isThere(hash, IndexRecord.UNKNOWN_SIZE))
                .orElse(false);
    }

    /** @return whether the record refers to content */
    private boolean mark(IndexRecord record) {
        Optional<SriHash> hash = record.content();
        if (hash.isEmpty()) {
            rejectedEntries.increment();
            problem(Failures.shown(record.key()) + " has an integrity that cannot be checked: " + record.integrity());
            return false;
        }
        SriHash.parse(String.valueOf(record.integrity())).forEach(live::add);
        if (!content.isThere(hash.get(), IndexRecord.UNKNOWN_SIZE)) {
            missingContent.increment();
            problem(Failures.shown(record.key()) + " has no content: " + folder.content(hash.get()) + " is missing");
            return false;
        }
        totalEntries.increment();
        return true;
    }

    private void rewrite(Path path, Predicate<IndexRecord> kept) throws IOException {
        locked(path, () -> {
            index.compact(path, kept);
            return true;
        });
    }

    private <T> T locked(Path bucket, Uninterrupted.Operation<T> operation) throws IOException {
        String firstByte = name(DiskFile.parent(DiskFile.parent(bucket)));
        int stripe = firstByte.matches("[0-9a-f]{2}") ? HexFormat.fromHexDigits(firstByte) : 0;
        return locks.withBucket(stripe, operation);
    }

    /** Scans the index again after damaged content was removed, and drops the entries that refer to it. */
    private void dropRemoved(Path directory) throws IOException {
        BucketWalk walk = new BucketWalk(folder, List.of(directory));
        for (Optional<Path> bucket = walk.next(); bucket.isPresent(); bucket = walk.next()) {
            stopWhenInterrupted();
            boolean affected = index.read(bucket.get()).summary().live().stream()
                    .anyMatch(line ->
                            line.record().content().filter(removed::contains).isPresent());
            if (affected) {
                rewrite(bucket.get(), this::hasContent);
            }
        }
    }

    // ---- content

    /**
     * Returns the directories {@code content-v2/{algorithm}/{h0h1}} of supported algorithms; other directories are not
     * touched.
     */
    private List<Path> contentDirectories() throws IOException {
        List<Path> directories = new ArrayList<>();
        for (Path algorithm : folder.children(folder.content())) {
            if (SriHash.Algorithm.of(name(algorithm)).isPresent()) {
                directories.addAll(folder.children(algorithm));
            } else {
                problem(algorithm + " is not a supported algorithm; skipped");
            }
        }
        return directories;
    }

    private void sweep(Path first) throws IOException {
        SriHash.Algorithm algorithm =
                SriHash.Algorithm.of(name(DiskFile.parent(first))).orElseThrow();
        for (Path second : folder.children(first)) {
            for (Path file : folder.children(second)) {
                stopWhenInterrupted();
                Optional<SriHash> integrity = SriHash.ofHex(algorithm, name(first) + name(second) + name(file));
                if (integrity.isPresent()) {
                    sweep(file, integrity.get());
                } else {
                    problem(file + " does not have a digest as its name; skipped");
                }
            }
        }
    }

    private void sweep(Path file, SriHash integrity) throws IOException {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            if (!live.contains(integrity)) {
                reclaim(integrity, attributes);
            } else if (content.isWhole(integrity)) {
                verifiedContent.increment();
                keptBytes.add(attributes.size());
            } else {
                reject(file, integrity, attributes);
            }
        } catch (NoSuchFileException e) {
            LOG.log(Level.DEBUG, "Another process removed {0} meanwhile.", file);
        }
    }

    private void reclaim(SriHash integrity, BasicFileAttributes attributes) throws IOException {
        boolean old = attributes.lastModifiedTime().toInstant().isBefore(cutoff);
        if (old && (!options.repair() || content.removeOlderThan(cutoff, integrity))) {
            reclaimed.increment();
            reclaimedBytes.add(attributes.size());
        } else {
            keptBytes.add(attributes.size());
        }
    }

    private void reject(Path file, SriHash integrity, BasicFileAttributes attributes) throws IOException {
        badContent.increment();
        boolean gone = options.repair() && content.removeDamaged(cutoff, integrity);
        if (gone) {
            removed.add(integrity);
        } else {
            keptBytes.add(attributes.size());
        }
        problem(file + " (" + attributes.size() + " bytes) does not match the digest in its name"
                + (options.repair() && !gone ? " (not repaired: too recent)" : ""));
    }

    // ---- the rest

    private void removeTemporaryFiles() throws IOException {
        for (Path path : folder.children(folder.temporary())) {
            removeOld(path);
        }
    }

    /**
     * Removes a file or directory in {@code tmp}; npm creates directories there too. Symbolic links are removed, not
     * followed.
     */
    private void removeOld(Path path) throws IOException {
        if (isOld(path)) {
            if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                for (Path child : folder.children(path)) {
                    removeOld(child);
                }
                if (folder.children(path).isEmpty()) {
                    Files.deleteIfExists(path);
                }
            } else {
                Files.deleteIfExists(path);
            }
        }
    }

    private void stamp() throws IOException {
        String now = Long.toString(clock.millis());
        folder.write(folder.stamp(), now.getBytes(StandardCharsets.UTF_8), false);
    }

    private boolean isOld(Path path) throws IOException {
        try {
            return Files.getLastModifiedTime(path, LinkOption.NOFOLLOW_LINKS)
                    .toInstant()
                    .isBefore(cutoff);
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private void problem(String text) {
        synchronized (problems) {
            if (problems.size() < MAX_PROBLEMS) {
                problems.add(text);
            }
        }
    }

    private static void stopWhenInterrupted() throws IOException {
        if (Thread.currentThread().isInterrupted()) {
            throw new IOException("verify was interrupted");
        }
    }

    private static String name(Path path) {
        return String.valueOf(path.getFileName());
    }
}
