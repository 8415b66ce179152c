package io.alldocs.examples.programs.driver;

import io.alldocs.cache.Body;
import io.alldocs.cache.EntryHead;
import io.alldocs.cache.KeyOrder;
import io.alldocs.cache.StorageException;
import io.alldocs.cache.spi.StorageCapabilities;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StoredEntry;
import java.io.EOFException;
import java.io.FileInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A cache in one file that only grows: every put appends a record, the latest record of a key counts, an index in memory says where it is. Any number of
 * processes may use the file: writers take turns by a lock, and everybody reads what the others appended before answering. A record that a crash cut off
 * is dropped by the next writer. Safe for concurrent use.
 */
public final class LogStorageDriver implements StorageDriver {
    private static final StorageCapabilities CAPABILITIES = new StorageCapabilities(
            /* orderedListing= */ true,
            LogRecord.MAX_KEY_BYTES,
            /* maxValueBytes= */ Long.MAX_VALUE,
            /* readAfterWrite= */ true,
            /* conditionalPut= */ true,
            /* writable= */ true,
            /* maxBatch= */ 1);
    /** File locks are the process's: threads, on whichever driver, take turns by this one. */
    private static final Object WRITERS_OF_THIS_PROCESS = new Object();

    private final Path file;
    private final RandomAccessFile log;
    private final ConcurrentSkipListMap<String, Slot> index = new ConcurrentSkipListMap<>(KeyOrder.UTF8);
    private long indexedBytes;
    private boolean closed;

    /** Where the latest value of a key is. */
    private record Slot(EntryHead head, long bodyOffset) {}

    private LogStorageDriver(Path file, RandomAccessFile log) {
        this.file = file;
        this.log = log;
    }

    /**
     * Opens the file, which is made when absent, and reads its index.
     *
     * @throws StorageException when the file cannot be opened, or is damaged otherwise than by a cut at its end
     */
    public static LogStorageDriver open(Path file) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            LogStorageDriver driver = new LogStorageDriver(file, new RandomAccessFile(file.toFile(), "rw"));
            driver.refreshOrClose();
            return driver;
        } catch (IOException e) {
            throw new StorageException("Cannot open the log driver's file " + file + ": " + e.getMessage(), false, e);
        }
    }

    @Override
    public String name() {
        return "log";
    }

    @Override
    public StorageCapabilities capabilities() {
        return CAPABILITIES;
    }

    // region verbs
    @Override
    public Optional<StoredEntry> get(String key) {
        return slot(key)
                .map(slot -> new StoredEntry(
                        slot.head(),
                        new Slice(file, slot.bodyOffset(), slot.head().sizeBytes())));
    }

    @Override
    public Optional<EntryHead> head(String key) {
        return slot(key).map(Slot::head);
    }

    @Override
    public void put(String key, EntryHead head, Body body) {
        CAPABILITIES.requireEntry(key, head, body);
        append(new LogRecord(key, head), body, /* onlyIfAbsent= */ false);
    }

    @Override
    public boolean putIfAbsent(String key, EntryHead head, Body body) {
        CAPABILITIES.requireEntry(key, head, body);
        return append(new LogRecord(key, head), body, /* onlyIfAbsent= */ true);
    }

    @Override
    public void delete(String key) {
        if (slot(key).isPresent()) {
            append(new LogRecord(key, null), Body.of(new byte[0]), /* onlyIfAbsent= */ false);
        }
    }

    @Override
    public Stream<String> list(String prefix, @Nullable String startAfter) {
        refresh();
        boolean after = startAfter != null && KeyOrder.UTF8.compare(startAfter, prefix) >= 0;
        return index.tailMap(after ? startAfter : prefix, !after).keySet().stream()
                .takeWhile(key -> key.startsWith(prefix));
    }
    // endregion

    @Override
    public synchronized void close() {
        closed = true;
        try {
            log.close();
        } catch (IOException e) {
            throw failed("close", "the file", e);
        }
    }

    /** Where the value of a key begins, for whoever wants to damage it. */
    long bodyOffset(String key) {
        return slot(key).orElseThrow().bodyOffset();
    }

    private Optional<Slot> slot(String key) {
        CAPABILITIES.requireKey(key);
        refresh();
        return Optional.ofNullable(index.get(key));
    }

    private boolean append(LogRecord record, Body body, boolean onlyIfAbsent) {
        Path lockFile = file.resolveSibling(file.getFileName() + ".lock");
        synchronized (WRITERS_OF_THIS_PROCESS) {
            refresh();
            try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = channel.lock()) {
                assert lock.isValid();
                return appendLocked(record, body, onlyIfAbsent);
            } catch (IOException e) {
                throw failed("store", record.key(), e);
            }
        }
    }

    private synchronized boolean appendLocked(LogRecord record, Body body, boolean onlyIfAbsent) throws IOException {
        readNewRecords();
        if (onlyIfAbsent && index.containsKey(record.key())) {
            return false;
        }
        log.setLength(indexedBytes); // no other writer is under way: what lies beyond was cut off by a crash
        try {
            log.seek(indexedBytes);
            log.write(record.toBytes());
            copy(body, record.bodyBytes());
        } catch (IOException | RuntimeException e) {
            log.setLength(indexedBytes);
            throw e;
        }
        readNewRecords();
        return true;
    }

    private void copy(Body body, long bytes) throws IOException {
        byte[] buffer = new byte[8192];
        long copied = 0;
        try (InputStream in = body.openStream()) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                log.write(buffer, 0, count);
                copied += count;
            }
        }
        if (copied != bytes) {
            throw new IOException("the body has " + copied + " bytes, its head says " + bytes);
        }
    }

    private void refreshOrClose() throws IOException {
        try {
            readNewRecords();
        } catch (IOException | RuntimeException e) {
            log.close();
            throw e;
        }
    }

    private synchronized void refresh() {
        if (closed) {
            throw new IllegalStateException("The log driver of " + file + " is closed.");
        }
        try {
            readNewRecords();
        } catch (IOException e) {
            throw failed("read", "new records", e);
        }
    }

    /** Reads keys and heads that were appended since the last time, by whomever. The last record may be under way, or cut: it does not count yet. */
    private void readNewRecords() throws IOException {
        long length = log.length();
        try {
            while (indexedBytes < length) {
                log.seek(indexedBytes);
                LogRecord record = LogRecord.read(log);
                long bodyOffset = log.getFilePointer();
                if (bodyOffset + record.bodyBytes() > length) {
                    return;
                }
                publish(record, bodyOffset);
                indexedBytes = bodyOffset + record.bodyBytes();
            }
        } catch (EOFException unfinished) {
            // It ends inside a key or a head: the same as inside a body.
        } catch (IOException e) {
            throw new IOException("it is damaged at byte " + indexedBytes + " (" + e.getMessage() + ")", e);
        }
    }

    private void publish(LogRecord record, long bodyOffset) {
        if (record.head() == null) {
            index.remove(record.key());
        } else {
            index.put(record.key(), new Slot(record.head(), bodyOffset));
        }
    }

    private StorageException failed(String verb, String key, IOException cause) {
        return new StorageException("Cannot " + verb + " " + key + " in " + file + ": " + cause, false, cause);
    }

    /** A part of the file, opened anew for each reader: reading needs no lock, and an interrupted reader disturbs nobody. */
    private record Slice(Path file, long offset, long sizeBytes) implements Body {
        @Override
        public InputStream openStream() throws IOException {
            FileInputStream in = new FileInputStream(file.toFile());
            try {
                in.skipNBytes(offset);
            } catch (IOException e) {
                in.close();
                throw e;
            }
            return new BoundedInput(in, sizeBytes);
        }
    }

    /** Ends a stream after a number of bytes. */
    private static final class BoundedInput extends FilterInputStream {
        private long left;

        BoundedInput(InputStream in, long bytes) {
            super(in);
            this.left = bytes;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            if (left == 0) {
                return -1;
            }
            int count = in.read(buffer, offset, (int) Math.min(length, left));
            left -= Math.max(0, count);
            return count;
        }

        @Override
        public long skip(long count) throws IOException {
            long skipped = in.skip(Math.min(count, left));
            left -= skipped;
            return skipped;
        }

        @Override
        public int available() throws IOException {
            return (int) Math.min(in.available(), left);
        }

        @Override
        public boolean markSupported() {
            return false;
        }
    }
}
