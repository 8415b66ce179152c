package io.alldocs.cache.spi;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.IntegrityException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;

/**
 * Combines metadata and body into one value, for stores that only hold bytes.
 *
 * <p>{@link EntryMetadata#isBare() Bare} metadata is omitted, so that the value is the body alone and other programs
 * can read it ({@code kv.get(key, 'json')}). Otherwise the value consists of eight magic bytes, the length of the
 * metadata (four bytes, big-endian), the metadata (JSON in UTF-8) and the body.
 *
 * <p>The magic bytes start with a zero byte, whereas JSON and gzip never start with one. If a bare entry's body starts
 * with the magic, its metadata is stored nevertheless, so every value can be read in only one way.
 */
public final class StoredForm {
    private static final byte[] MAGIC = {0, 'a', 'l', 'l', 'd', 'o', 'c', 1};
    private static final int PREFIX_BYTES = MAGIC.length + 4;

    /** Maximum size of metadata, which is normally a few hundred bytes. A value that declares more is damaged. */
    private static final int MAX_HEAD_BYTES = 16 << 20;

    private StoredForm() {}

    /**
     * Combines both into one value without copying the body.
     *
     * @return a body whose close does nothing; the caller closes {@code body}
     * @throws IOException if the body cannot be read
     */
    public static Body join(EntryMetadata head, Body body) throws IOException {
        if (head.isBare() && !beginsWithMagic(body)) {
            return new Joined(new byte[0], body);
        }
        byte[] json = head.toJson().getBytes(StandardCharsets.UTF_8);
        return new Joined(
                ByteBuffer.allocate(PREFIX_BYTES + json.length)
                        .put(MAGIC)
                        .putInt(json.length)
                        .put(json)
                        .array(),
                body);
    }

    /**
     * Returns the maximum number of bytes that {@link #join} adds to the size that
     * {@link StorageCapabilities#valueBytes} returns.
     */
    public static int overheadBytes() {
        return PREFIX_BYTES;
    }

    private static boolean beginsWithMagic(Body body) throws IOException {
        if (body.sizeBytes() < MAGIC.length) {
            return false;
        }
        try (InputStream in = body.openStream()) {
            return Arrays.equals(MAGIC, in.readNBytes(MAGIC.length));
        }
    }

    /**
     * Splits a value that {@link #join} or any other writer created.
     *
     * @param value the stored bytes; must not be modified later
     * @param storedAt when the value was written according to the store; used for a value without metadata
     * @return the entry; if the value has no metadata, its metadata is bare and has no digest
     * @throws IntegrityException if the value starts with the magic but its metadata is incomplete or damaged
     */
    public static StoredEntry split(byte[] value, Instant storedAt) {
        if (value.length < MAGIC.length || !Arrays.equals(MAGIC, 0, MAGIC.length, value, 0, MAGIC.length)) {
            return new StoredEntry(EntryMetadata.bare(value.length, null, storedAt), Body.of(value));
        }
        int start = PREFIX_BYTES + headBytes(value);
        String json = new String(value, PREFIX_BYTES, start - PREFIX_BYTES, StandardCharsets.UTF_8);
        return new StoredEntry(EntryMetadata.parse(json), Body.of(value, start, value.length - start));
    }

    /**
     * Splits a value like {@link #split(byte[], Instant)}, without loading it into memory.
     *
     * @param value the stored bytes; closing the body of the entry closes them, and they stay open if this method
     *     throws
     * @param storedAt when the value was written according to the store; used for a value without metadata
     * @throws IOException if the value cannot be read
     * @throws IntegrityException if the value starts with the magic but its metadata is incomplete or damaged
     */
    public static StoredEntry split(Body value, Instant storedAt) throws IOException {
        try (InputStream in = value.openStream()) {
            Start start = start(in, value.sizeBytes(), storedAt);
            return new StoredEntry(start.head(), new Tail(value, start.sizeBytes()));
        }
    }

    /**
     * Reads only the metadata from the start of a value, for stores that support range reads.
     *
     * @param in positioned at the value's first byte; not read beyond the metadata
     * @param sizeBytes size of the whole value
     * @param storedAt as in {@link #split}
     * @throws IOException if reading fails
     * @throws IntegrityException if the value starts with the magic but its metadata is incomplete or damaged
     */
    public static EntryMetadata head(InputStream in, long sizeBytes, Instant storedAt) throws IOException {
        return start(in, sizeBytes, storedAt).head();
    }

    /** The metadata of a value, and the number of bytes before its body. */
    private record Start(EntryMetadata head, int sizeBytes) {}

    private static Start start(InputStream in, long sizeBytes, Instant storedAt) throws IOException {
        byte[] prefix = in.readNBytes(PREFIX_BYTES);
        if (prefix.length < MAGIC.length || !Arrays.equals(MAGIC, 0, MAGIC.length, prefix, 0, MAGIC.length)) {
            return new Start(EntryMetadata.bare(sizeBytes, null, storedAt), 0);
        }
        int length = headLength(prefix, sizeBytes);
        byte[] json = in.readNBytes(length);
        if (json.length < length) {
            throw new IntegrityException("The head of a stored value is truncated", null);
        }
        return new Start(EntryMetadata.parse(new String(json, StandardCharsets.UTF_8)), PREFIX_BYTES + length);
    }

    private static int headBytes(byte[] value) {
        return headLength(value, value.length);
    }

    private static int headLength(byte[] prefix, long sizeBytes) {
        int length = prefix.length < PREFIX_BYTES ? -1 : ByteBuffer.wrap(prefix).getInt(MAGIC.length);
        if (length < 0 || length > MAX_HEAD_BYTES || length > sizeBytes - PREFIX_BYTES) {
            throw new IntegrityException("The head of a stored value is truncated or damaged", null);
        }
        return length;
    }

    private static final class Joined implements Body {
        private final byte[] prefix;
        private final Body body;

        Joined(byte[] prefix, Body body) {
            this.prefix = prefix;
            this.body = body;
        }

        @Override
        public long sizeBytes() {
            return prefix.length + body.sizeBytes();
        }

        @Override
        public InputStream openStream() throws IOException {
            InputStream rest = body.openStream();
            return prefix.length == 0 ? rest : new SequenceInputStream(new ByteArrayInputStream(prefix), rest);
        }

        @Override
        public byte[] toByteArray() throws IOException {
            byte[] rest = body.toByteArray();
            if (prefix.length == 0) {
                return rest;
            }
            byte[] all = Arrays.copyOf(prefix, prefix.length + rest.length);
            System.arraycopy(rest, 0, all, prefix.length, rest.length);
            return all;
        }
    }

    /** The part of a value that starts at an offset. */
    private record Tail(Body value, long offset) implements Body {

        @Override
        public long sizeBytes() {
            return value.sizeBytes() - offset;
        }

        @Override
        public InputStream openStream() throws IOException {
            InputStream in = value.openStream();
            try {
                in.skipNBytes(offset);
                return in;
            } catch (IOException e) {
                in.close();
                throw e;
            }
        }

        @Override
        public void close() {
            value.close();
        }
    }
}
