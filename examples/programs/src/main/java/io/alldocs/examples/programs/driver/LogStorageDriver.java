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
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A cache in one file that only grows: every put appends a record, the latest record of a key counts, an index in memory says where it is. One process
 * at a time. A record that a crash cut off is dropped when the file is opened. Safe for concurrent use by threads.
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

    private final Path file;
    private final RandomAccessFile log;
    private final ConcurrentSkipListMap<String, Slot> index = new ConcurrentSkipListMap<>(KeyOrder.UTF8);
    private volatile boolean closed;

    /** Where the latest value of a key is. */
    private record Slot(EntryHead head, long bodyOffset) {}

    private LogStorageDriver(Path file, RandomAccessFile log) {
        this.file = file;
        this.log = log;
    }

    /**
     * Opens the file, which is made when absent, and reads its index.
     *
     * @throws StorageException when the file cannot be opened or another process has it open
     */
    public static LogStorageDriver open(Path file) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            return new LogStorageDriver(file, new RandomAccessFile(file.toFile(), "rw")).start();
        } catch (IOException e) {
            throw new StorageException("Cannot open the log driver's file " + file + ": " + e, false, e);
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
                        slot.head(), new Slice(file, slot.bodyOffset(), slot.head().sizeBytes())));
    }

    @Override
    public Optional<EntryHead> head(String key) {
        return slot(key).map(Slot::head);
    }

    @Override
    public void put(String key, EntryHead head, Body body) {
        requireLegal(key);
        append(key, head, body);
    }

    @Override
    public synchronized boolean putIfAbsent(String key, EntryHead head, Body body) {
        requireLegal(key);
        return slot(key).isEmpty() && append(key, head, body);
    }

    @Override
    public void delete(String key) {
        if (slot(key).isPresent()) {
            append(key, null, Body.of(new byte[0]));
        }
    }

    @Override
    public Stream<String> list(String prefix, @Nullable String startAfter) {
        requireOpen();
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

    private Optional<Slot> slot(String key) {
        requireOpen();
        return Optional.ofNullable(index.get(key));
    }

    /** Appends one record and makes it the key's latest; true, so that callers can say that something was stored. */
    private synchronized boolean append(String key, @Nullable EntryHead head, Body body) {
        requireOpen();
        try {
            long start = log.length();
            log.seek(start);
            log.write(new LogRecord(key, head).toBytes());
            long bodyOffset = log.getFilePointer();
            copyBody(body, start);
            publish(key, head, bodyOffset);
            return true;
        } catch (IOException e) {
            throw failed("store", key, e);
        }
    }

    private void copyBody(Body body, long recordStart) throws IOException {
        byte[] buffer = new byte[8192];
        try (InputStream in = body.openStream()) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                log.write(buffer, 0, n);
            }
        } catch (IOException e) {
            log.setLength(recordStart);
            throw e;
        }
    }

    private void publish(String key, @Nullable EntryHead head, long bodyOffset) {
        if (head == null) {
            index.remove(key);
        } else {
            index.put(key, new Slot(head, bodyOffset));
        }
    }

    private LogStorageDriver start() throws IOException {
        try {
            lock();
            readIndex();
            return this;
        } catch (IOException | RuntimeException e) {
            log.close();
            throw e;
        }
    }

    private void lock() throws IOException {
        try {
            if (log.getChannel().tryLock() == null) {
                throw new IOException("another process has it open");
            }
        } catch (OverlappingFileLockException e) {
            throw new IOException("this process has it open already", e);
        }
    }

    /** Reads every record's key and head, skips its body, and cuts off what a crash left unfinished at the end. */
    private void readIndex() throws IOException {
        long length = log.length();
        long whole = 0;
        try {
            while (whole < length) {
                LogRecord record = LogRecord.read(log);
                long bodyOffset = log.getFilePointer();
                whole = requireInside(bodyOffset + record.bodyBytes(), length);
                publish(record.key(), record.head(), bodyOffset);
                log.seek(whole);
            }
        } catch (EOFException cut) {
            log.setLength(whole);
        } catch (IOException e) {
            throw new IOException("it is damaged at byte " + whole + " (" + e.getMessage() + ")", e);
        }
    }

    private static long requireInside(long end, long length) throws EOFException {
        if (end > length) {
            throw new EOFException("the last body is cut");
        }
        return end;
    }

    private static void requireLegal(String key) {
        int bytes = key.getBytes(StandardCharsets.UTF_8).length;
        if (bytes < 1 || bytes > LogRecord.MAX_KEY_BYTES) {
            throw new IllegalArgumentException(
                    "A key of the log driver has 1 to " + LogRecord.MAX_KEY_BYTES + " bytes of UTF-8, not " + bytes + ".");
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("The log driver of " + file + " is closed.");
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
