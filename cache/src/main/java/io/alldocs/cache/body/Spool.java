package io.alldocs.cache.body;

import io.alldocs.cache.internal.body.FileBytes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Collects a body while it arrives: in one array while the budget has room, then in a file. The reader writes directly
 * into {@link #buffer()}, so a small body of declared length is never copied. Not thread-safe.
 */
final class Spool {
    private static final int FIRST_BYTES = 16 * 1024;

    /** Maximum number of bytes that are allocated for a declared length before any byte has arrived. */
    private static final int MAX_FIRST_BYTES = 1 << 20;

    private final ByteBudget budget;
    private final Path directory;
    private final byte[] chunk;
    private final long declared;
    private byte[] memory = new byte[0];
    private int used;
    private @Nullable FileBytes file;

    /**
     * Whether the body already has its declared length. A further byte exceeds that length, and is read into a separate
     * buffer.
     */
    private boolean overrun;

    Spool(ByteBudget budget, Path directory, byte[] chunk, OptionalLong declared) {
        this.budget = budget;
        this.directory = directory;
        this.chunk = chunk;
        this.declared = declared.orElse(Long.MAX_VALUE);
    }

    /** Makes room and returns how many bytes fit at {@link #position()} of {@link #buffer()}, at least 1. */
    int makeRoom() throws IOException {
        if (file != null) {
            return chunk.length;
        }
        overrun = used == declared;
        if (overrun) {
            return chunk.length;
        }
        if (used == memory.length && !grow()) {
            moveToFile();
            return chunk.length;
        }
        return memory.length - used;
    }

    private boolean grow() {
        long wanted = memory.length == 0 ? firstBytes() : Math.min(declared, 2L * memory.length);
        long capacity = Math.min(wanted, Integer.MAX_VALUE - 8);
        if (capacity <= memory.length || !budget.tryAcquire(capacity - memory.length)) {
            return false;
        }
        memory = Arrays.copyOf(memory, (int) capacity);
        return true;
    }

    private long firstBytes() {
        return declared == Long.MAX_VALUE ? FIRST_BYTES : Math.min(declared, MAX_FIRST_BYTES);
    }

    private void moveToFile() throws IOException {
        FileBytes target = FileBytes.temporary(directory);
        file = target;
        target.append(memory, 0, used);
        releaseMemory();
    }

    byte[] buffer() {
        return file == null && !overrun ? memory : chunk;
    }

    int position() {
        return file == null && !overrun ? used : 0;
    }

    /** Records that the reader wrote {@code count} bytes at {@link #position()}. */
    void advance(int count) throws IOException {
        if (file != null) {
            file.append(chunk, 0, count);
        } else {
            used += count;
        }
    }

    long size() {
        return file == null ? used : file.sizeBytes();
    }

    Body finish() {
        if (file != null) {
            return SharedBody.of(new Spooled(file));
        }
        return new MemoryBody(memory, 0, used, budget, memory.length);
    }

    /** Releases the array and the file; both exist if the move to the file failed. */
    void discard() {
        if (file != null) {
            file.close();
        }
        releaseMemory();
    }

    private void releaseMemory() {
        budget.release(memory.length);
        memory = new byte[0];
    }

    private record Spooled(FileBytes file) implements Body {

        @Override
        public long sizeBytes() {
            return file.sizeBytes();
        }

        @Override
        public InputStream openStream() {
            return file.openStream();
        }

        @Override
        public void close() {
            file.close();
        }
    }
}
