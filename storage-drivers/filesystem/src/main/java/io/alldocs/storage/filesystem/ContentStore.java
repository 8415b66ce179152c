package io.alldocs.storage.filesystem;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.body.FileBody;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.spi.SriHash;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

/** Stores bodies in files named by their digest. */
final class ContentStore {

    /** Bodies up to this size are read and written in one call; larger bodies are streamed. */
    static final int IN_MEMORY_BYTES = 1 << 20;

    private static final int BUFFER_BYTES = 1 << 16;

    private final CacheFolder folder;
    private final FolderLocks locks;
    private final boolean sync;
    private final Clock clock;

    ContentStore(CacheFolder folder, FolderLocks locks, boolean sync, Clock clock) {
        this.folder = folder;
        this.locks = locks;
        this.sync = sync;
        this.clock = clock;
    }

    /**
     * Ensures that the body is stored completely. Its file must be so recent that verify does not remove it before its
     * record is written.
     *
     * @return the integrity to store in the record
     */
    String write(EntryMetadata head, Body body) throws IOException {
        String sri = head.integrity() == null ? digest(body) : head.integrity();
        SriHash integrity = SriHash.strongest(sri)
                .orElseThrow(() -> new IllegalArgumentException("The integrity of the head, " + sri + ", has no"
                        + " supported algorithm. Supported are sha512, sha384, sha256, sha1 and md5."));
        Path path = folder.content(integrity);
        if (!path.toFile().exists()) {
            writeFile(path, body);
        } else {
            renew(integrity, path, body);
        }
        return sri;
    }

    /**
     * Keeps existing content if its bytes are the same, and replaces it if it is damaged. Storing a body again
     * therefore repairs it.
     */
    private void renew(SriHash integrity, Path path, Body body) throws IOException {
        locks.withContent(integrity, () -> {
            if (holds(path, body)) {
                return Files.setLastModifiedTime(path, FileTime.from(clock.instant()));
            }
            writeFile(path, body);
            return path;
        });
    }

    private static boolean holds(Path path, Body body) throws IOException {
        if (path.toFile().length() != body.sizeBytes()) {
            return false;
        }
        if (body.sizeBytes() <= IN_MEMORY_BYTES) {
            Optional<byte[]> bytes = DiskFile.read(path);
            return bytes.isPresent() && Arrays.equals(bytes.get(), body.toByteArray());
        }
        try (FileBody file = FileBody.open(path);
                InputStream stored = file.openStream();
                InputStream given = body.openStream()) {
            return sameBytes(stored, given);
        }
    }

    private static boolean sameBytes(InputStream one, InputStream other) throws IOException {
        byte[] ours = new byte[BUFFER_BYTES];
        byte[] theirs = new byte[BUFFER_BYTES];
        while (true) {
            int length = one.readNBytes(ours, 0, BUFFER_BYTES);
            int otherLength = other.readNBytes(theirs, 0, BUFFER_BYTES);
            if (!Arrays.equals(ours, 0, length, theirs, 0, otherLength)) {
                return false;
            }
            if (length < BUFFER_BYTES) {
                return true;
            }
        }
    }

    private void writeFile(Path path, Body body) throws IOException {
        if (body.sizeBytes() <= IN_MEMORY_BYTES) {
            byte[] bytes = body.toByteArray();
            checkSize(bytes.length, body);
            folder.write(path, bytes, sync);
        } else {
            folder.write(path, channel -> checkSize(copy(body, channel), body), sync);
        }
    }

    private static long copy(Body body, FileChannel channel) throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        long copied = 0;
        try (InputStream in = body.openStream()) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                DiskFile.writeAll(channel, ByteBuffer.wrap(buffer, 0, count));
                copied += count;
            }
        }
        return copied;
    }

    private static void checkSize(long actual, Body body) throws IOException {
        if (actual != body.sizeBytes()) {
            throw new IOException("the body has " + actual + " bytes, but its declared size is " + body.sizeBytes());
        }
    }

    private static String digest(Body body) throws IOException {
        MessageDigest sha256 = SriHash.Algorithm.SHA256.newDigest();
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = body.openStream()) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                sha256.update(buffer, 0, count);
            }
        }
        return SriHash.of(SriHash.Algorithm.SHA256, sha256.digest()).sri();
    }

    /** Returns the stored bytes without checking them; empty if there is no content. */
    Optional<Body> open(SriHash integrity) throws IOException {
        Path path = folder.content(integrity);
        try {
            if (path.toFile().length() > IN_MEMORY_BYTES) {
                return Optional.of(FileBody.open(path));
            }
        } catch (java.io.FileNotFoundException e) {
            if (!path.toFile().exists()) {
                return Optional.empty();
            }
            throw e;
        }
        return DiskFile.read(path).map(Body::of);
    }

    /** Returns whether content of the right size exists. */
    boolean isThere(SriHash integrity, long sizeBytes) {
        File file = folder.content(integrity).toFile();
        long actual = file.length();
        if (sizeBytes == IndexRecord.UNKNOWN_SIZE) {
            return actual > 0 || file.exists();
        }
        return actual == sizeBytes && (actual > 0 || file.exists());
    }

    /** Returns the size of the content, 0 if there is none. */
    long sizeBytes(SriHash integrity) {
        return folder.content(integrity).toFile().length();
    }

    /**
     * Returns whether the digest of the file matches its name.
     *
     * @throws NoSuchFileException if the file no longer exists
     */
    boolean isWhole(SriHash integrity) throws IOException {
        Path path = folder.content(integrity);
        byte[] digest = DiskFile.onFile(path, () -> {
            MessageDigest hash = integrity.algorithm().newDigest();
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
                ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(BUFFER_BYTES, Math.max(1, channel.size())));
                while (channel.read(buffer) >= 0) {
                    hash.update(buffer.flip());
                    buffer.clear();
                }
            }
            return hash.digest();
        });
        return SriHash.of(integrity.algorithm(), digest).equals(integrity);
    }

    /**
     * Removes content whose digest does not match, unless it was replaced or is recent.
     *
     * @return whether the content was removed
     */
    boolean removeDamaged(Instant cutoff, SriHash integrity) throws IOException {
        return removeOlderThan(cutoff, integrity, path -> !isWhole(integrity));
    }

    /**
     * Removes content that was not written or renewed since {@code cutoff}.
     *
     * @return whether the content was removed
     */
    boolean removeOlderThan(Instant cutoff, SriHash integrity) throws IOException {
        return removeOlderThan(cutoff, integrity, path -> true);
    }

    private boolean removeOlderThan(Instant cutoff, SriHash integrity, Condition condition) throws IOException {
        Path path = folder.content(integrity);
        try {
            return locks.withContent(
                    integrity,
                    () -> Files.getLastModifiedTime(path).toInstant().isBefore(cutoff)
                            && condition.holds(path)
                            && Files.deleteIfExists(path));
        } catch (NoSuchFileException e) {
            return true;
        }
    }

    private interface Condition {
        boolean holds(Path path) throws IOException;
    }
}
