package io.alldocs.cache.spi;

import io.alldocs.cache.Body;
import io.alldocs.cache.EntryHead;
import io.alldocs.cache.IntegrityException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;

/**
 * One value out of head and body, for stores that know nothing but bytes. A {@link EntryHead#isBare() bare} head is left out, so that the value is
 * the body alone and other programs can read it ({@code kv.get(key, 'json')}). Otherwise the value is eight bytes of magic, the length of the head
 * (four bytes, big end first), the head as JSON in UTF-8, and the body. The magic begins with a zero byte, which neither JSON nor gzip does; a bare
 * entry whose body begins with the magic gets its head all the same, so every value has one reading.
 */
public final class StoredForm {
    private static final byte[] MAGIC = {0, 'a', 'l', 'l', 'd', 'o', 'c', 1};
    private static final int PREFIX_BYTES = MAGIC.length + 4;

    /** A head is a few hundred bytes; what claims more is damaged. */
    private static final int MAX_HEAD_BYTES = 16 << 20;

    private StoredForm() {}

    /**
     * Both as one value, without copying the body.
     *
     * @return a body whose close does nothing: {@code body} stays the caller's to close
     * @throws IOException when the body cannot be read
     */
    public static Body join(EntryHead head, Body body) throws IOException {
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

    /** How many bytes {@link #join} adds at most to what {@link StorageCapabilities#valueBytes} counts. */
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
     * The two parts of what {@link #join} made, or of what anybody else wrote.
     *
     * @param value what the store holds; must stay unchanged
     * @param storedAt when it was written, as far as the store knows: the time of a value without a head
     * @return an entry whose head is bare and without digest when the value has none
     * @throws IntegrityException when the value begins as one with a head, but has none that is whole
     */
    public static StoredEntry split(byte[] value, Instant storedAt) {
        if (value.length < MAGIC.length || !Arrays.equals(MAGIC, 0, MAGIC.length, value, 0, MAGIC.length)) {
            return new StoredEntry(EntryHead.bare(value.length, null, storedAt), Body.of(value));
        }
        int start = PREFIX_BYTES + headBytes(value);
        String json = new String(value, PREFIX_BYTES, start - PREFIX_BYTES, StandardCharsets.UTF_8);
        return new StoredEntry(EntryHead.parse(json), Body.of(value, start, value.length - start));
    }

    /**
     * As {@link #split(byte[], Instant)}, without bringing the value into memory.
     *
     * @param value what the store holds; closed by closing the body of the entry, and left open when this throws
     * @throws IOException when the value cannot be read
     * @throws IntegrityException when the value begins as one with a head, but has none that is whole
     */
    public static StoredEntry split(Body value, Instant storedAt) throws IOException {
        try (InputStream in = value.openStream()) {
            Start start = start(in, value.sizeBytes(), storedAt);
            return new StoredEntry(start.head(), new Tail(value, start.sizeBytes()));
        }
    }

    /**
     * The head alone, from the beginning of a value: for stores that can read a range.
     *
     * @param in at the value's first byte; read no further than the head
     * @param sizeBytes of the whole value
     * @param storedAt as for {@link #split}
     * @throws IOException when reading fails
     * @throws IntegrityException when the value begins as one with a head, but has none that is whole
     */
    public static EntryHead head(InputStream in, long sizeBytes, Instant storedAt) throws IOException {
        return start(in, sizeBytes, storedAt).head();
    }

    /** The head of a value, and how many bytes stand before the body. */
    private record Start(EntryHead head, int sizeBytes) {}

    private static Start start(InputStream in, long sizeBytes, Instant storedAt) throws IOException {
        byte[] prefix = in.readNBytes(PREFIX_BYTES);
        if (prefix.length < MAGIC.length || !Arrays.equals(MAGIC, 0, MAGIC.length, prefix, 0, MAGIC.length)) {
            return new Start(EntryHead.bare(sizeBytes, null, storedAt), 0);
        }
        int length = headLength(prefix, sizeBytes);
        byte[] json = in.readNBytes(length);
        if (json.length < length) {
            throw new IntegrityException("The head of a stored value is cut off", null);
        }
        return new Start(EntryHead.parse(new String(json, StandardCharsets.UTF_8)), PREFIX_BYTES + length);
    }

    private static int headBytes(byte[] value) {
        return headLength(value, value.length);
    }

    private static int headLength(byte[] prefix, long sizeBytes) {
        int length = prefix.length < PREFIX_BYTES ? -1 : ByteBuffer.wrap(prefix).getInt(MAGIC.length);
        if (length < 0 || length > MAX_HEAD_BYTES || length > sizeBytes - PREFIX_BYTES) {
            throw new IntegrityException("The head of a stored value is cut off or damaged", null);
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

    /** What follows the first bytes of a value. */
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
