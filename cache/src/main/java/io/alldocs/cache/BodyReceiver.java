package io.alldocs.cache;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * Takes a body off the wire once: keeps the bytes as received (in memory within the {@link ByteBudget}, else in a temporary file), hashes them
 * (sha256) on the way, and proves them whole: declared length, gzip trailer and CRC. Safe for concurrent use.
 *
 * <p>From the environment ({@link #of(Env)}): {@code BODY_MEMORY_BYTES}, {@code BODY_MAX_DECODED_BYTES}, {@code SPOOL_DIR}.
 */
public final class BodyReceiver {
    /** Heap for all bodies in flight unless told otherwise: 64 MiB. */
    public static final long DEFAULT_MEMORY_BYTES = 64L << 20;

    /** Cap on the decoded size unless told otherwise: 256 MiB. The largest packuments of npm decode to about a third of that. */
    public static final long DEFAULT_MAX_DECODED_BYTES = 256L << 20;

    private final ByteBudget budget;
    private final Path spoolDirectory;
    private final long maxDecodedBytes;

    /** As many as there were bodies at the same time; decoders hold native memory, so they are not made anew for each. */
    private final ConcurrentLinkedDeque<Workspace> idle = new ConcurrentLinkedDeque<>();

    /**
     * @param budget heap shared by all bodies in flight
     * @param spoolDirectory where bodies beyond the budget go; created when first needed
     * @param maxDecodedBytes cap on the decoded size; more is a {@link BodyTooLargeException}
     * @throws IllegalArgumentException when the cap is below 1
     */
    public BodyReceiver(ByteBudget budget, Path spoolDirectory, long maxDecodedBytes) {
        if (maxDecodedBytes < 1) {
            throw new IllegalArgumentException("The cap on decoded bytes must be at least 1: " + maxDecodedBytes);
        }
        this.budget = Objects.requireNonNull(budget, "budget");
        this.spoolDirectory = Objects.requireNonNull(spoolDirectory, "spoolDirectory");
        this.maxDecodedBytes = maxDecodedBytes;
    }

    /** 64 MiB of heap, {@code java.io.tmpdir}, 256 MiB decoded. */
    public static BodyReceiver withDefaults() {
        return of(Env.of(Map.of()));
    }

    /**
     * As the environment says, else as {@link #withDefaults()}.
     *
     * @throws IllegalArgumentException naming the variable, when a value is not a number in range
     */
    public static BodyReceiver of(Env env) {
        Path spool = Path.of(env.get("SPOOL_DIR").orElse(System.getProperty("java.io.tmpdir", ".")));
        return new BodyReceiver(
                ByteBudget.of(env.getLong("BODY_MEMORY_BYTES", DEFAULT_MEMORY_BYTES, 0, Long.MAX_VALUE)),
                spool,
                env.getLong("BODY_MAX_DECODED_BYTES", DEFAULT_MAX_DECODED_BYTES, 1, Long.MAX_VALUE));
    }

    /**
     * Reads {@code in} to its end; does not close it.
     *
     * @param contentEncoding as the answer's header says, null for none: gzip, x-gzip, deflate, identity or a list of these, in any case. Of gzip one stays as
     *     it came, the others and deflate are taken off; gzip that the header does not name is gzip all the same
     * @param declaredLength bytes that must arrive
     * @throws IOException when the body is cut ({@link EOFException}) or damaged ({@link ZipException}): the caller's HTTP client asks again; or when
     *     the temporary file cannot be written
     * @throws UnknownContentCodingException when the body came in a coding that is not known, or is still compressed after its Content-Encoding was
     *     decoded
     * @throws BodyTooLargeException when the decoded size passes the cap
     */
    public Received receive(InputStream in, @Nullable String contentEncoding, OptionalLong declaredLength)
            throws IOException {
        return receive(in, contentEncoding, declaredLength, text -> Boolean.TRUE)
                .received();
    }

    /**
     * As {@link #receive(InputStream, String, OptionalLong)}, with a look at the decoded text on its way, so that nothing is decoded twice.
     *
     * @param reader reads as much of the text as it wants, from the calling thread; nothing proves the text whole yet
     * @throws IOException as there, and what {@code reader} throws when the body is whole all the same
     */
    public <T> Read<T> receive(
            InputStream in, @Nullable String contentEncoding, OptionalLong declaredLength, TextReader<T> reader)
            throws IOException {
        try (ContentCodings coded = ContentCodings.of(in, contentEncoding, declaredLength, maxDecodedBytes)) {
            return receive(coded, reader);
        }
    }

    private <T> Read<T> receive(ContentCodings coded, TextReader<T> reader) throws IOException {
        Workspace workspace = idle.pollFirst();
        if (workspace == null) {
            workspace = new Workspace();
        }
        Spool spool = new Spool(budget, spoolDirectory, workspace.chunk, coded.declared());
        try {
            Read<T> read = workspace.new Text(coded, spool).receive(reader);
            workspace.decoder.reset(); // or it would hold on to the body
            idle.addFirst(workspace);
            return read;
        } catch (IOException | RuntimeException | Error e) {
            spool.discard();
            workspace.decoder.end();
            throw e;
        }
    }

    /**
     * Reads {@code in} to its end as bytes that mean nothing here: they are neither decoded nor hashed, and only their number is checked. Does not close it.
     *
     * @param declaredLength bytes that must arrive
     * @throws EOFException when fewer bytes arrive than were declared
     * @throws IOException when more arrive, when reading fails, or when the temporary file cannot be written
     */
    public Body receiveRaw(InputStream in, OptionalLong declaredLength) throws IOException {
        Spool spool = new Spool(budget, spoolDirectory, new byte[16 * 1024], declaredLength);
        try {
            int first = spool.makeRoom();
            int count = in.read(spool.buffer(), spool.position(), first);
            while (count >= 0) {
                spool.advance(count);
                requireNoMoreThan(declaredLength, spool.size());
                int room = spool.makeRoom();
                count = in.read(spool.buffer(), spool.position(), room);
            }
            requireAllOf(declaredLength, spool.size());
            return spool.finish();
        } catch (IOException | RuntimeException | Error e) {
            spool.discard();
            throw e;
        }
    }

    private static void requireNoMoreThan(OptionalLong declared, long arrived) throws IOException {
        if (declared.isPresent() && arrived > declared.getAsLong()) {
            throw new IOException("The body has more than the " + declared.getAsLong() + " bytes its answer declared");
        }
    }

    private static void requireAllOf(OptionalLong declared, long arrived) throws EOFException {
        if (declared.isPresent() && arrived < declared.getAsLong()) {
            throw new EOFException(
                    "The body is cut off: " + arrived + " of " + declared.getAsLong() + " bytes arrived");
        }
    }

    /** Reads decoded text while it arrives. */
    @FunctionalInterface
    public interface TextReader<T> {
        /**
         * Makes something of the text.
         *
         * @param decoded fails as the body does; closing it does nothing, and it is of no use later
         * @throws IOException when the text is not what it should be
         */
        T read(InputStream decoded) throws IOException;
    }

    /**
     * A body, and what a reader made of its text.
     *
     * @param value what the reader returned
     * @param received the body, whole
     */
    public record Read<T>(T value, Received received) {}

    /**
     * What arrived.
     *
     * @param body bytes as received; closed by whoever holds it last ({@link Cache} closes bodies it was given by a {@link Loader})
     * @param encoding gzip or null
     * @param integrity {@code sha256-<base64>} of the bytes as received
     * @param decodedSizeBytes size after decoding
     * @param json what the decoded text is, to its last byte
     */
    public record Received(
            Body body, @Nullable String encoding, String integrity, long decodedSizeBytes, JsonText json) {}

    /** Buffers and engines that one body needs at a time. */
    private final class Workspace {
        private final MessageDigest digest = Integrity.sha256();
        private final GzipDecoder decoder = new GzipDecoder();
        private final JsonCheck json = new JsonCheck();
        private final byte[] chunk = new byte[16 * 1024];
        private final byte[] decoded = new byte[16 * 1024];

        /** The decoded text of one body: whatever is read of it is spooled and hashed as received. */
        private final class Text extends InputStream {
            private final InputStream in;
            private final boolean gzip;
            private final OptionalLong declared;
            private final Spool spool;
            private byte[] piece = decoded;
            private int position;
            private int limit;
            private long decodedSize;
            private final byte[] start = new byte[2];
            private @Nullable IOException failure;

            Text(ContentCodings coded, Spool spool) {
                this.in = coded.in();
                this.gzip = coded.gzip();
                this.declared = coded.declared();
                this.spool = spool;
                digest.reset();
                json.reset();
            }

            <T> Read<T> receive(TextReader<T> reader) throws IOException {
                @Nullable T value = null;
                @Nullable IOException refusal = null;
                try {
                    value = reader.read(this);
                } catch (IOException e) {
                    refusal = e;
                }
                readToTheEnd();
                JsonText found = json.end();
                if (found == JsonText.NOT_JSON && ContentCodings.looksCompressed(start)) {
                    throw new UnknownContentCodingException(
                            "The body is still compressed after its Content-Encoding was decoded");
                }
                if (value == null) {
                    throw refusal == null ? new IOException("The reader made nothing of the text") : refusal;
                }
                String integrity = Integrity.sri(digest.digest());
                return new Read<>(
                        value, new Received(spool.finish(), gzip ? "gzip" : null, integrity, decodedSize, found));
            }

            /** Whatever the reader thought of the text: when the body failed, that is what counts. */
            private void readToTheEnd() throws IOException {
                if (failure != null) {
                    throw failure;
                }
                do {
                    position = limit;
                } while (fill());
            }

            @Override
            public int read() throws IOException {
                return position < limit || fill() ? piece[position++] & 0xff : -1;
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                Objects.checkFromIndexSize(offset, length, buffer.length);
                if (length == 0) {
                    return 0;
                }
                if (position == limit && !fill()) {
                    return -1;
                }
                int count = Math.min(length, limit - position);
                System.arraycopy(piece, position, buffer, offset, count);
                position += count;
                return count;
            }

            @Override
            public int available() {
                return limit - position;
            }

            /** Takes the next piece in hand, at least a byte long; false at the end of a body that is whole. */
            private boolean fill() throws IOException {
                try {
                    while (!decode()) {
                        if (!advance()) {
                            return false;
                        }
                    }
                } catch (IOException e) {
                    failure = e;
                    throw e;
                }
                look();
                return true;
            }

            private boolean decode() throws ZipException {
                if (gzip) {
                    position = 0;
                    limit = decoder.decode(decoded);
                }
                return position < limit;
            }

            /** Reads from the wire; false at its end, if everything has arrived. */
            private boolean advance() throws IOException {
                int room = spool.makeRoom();
                byte[] buffer = spool.buffer();
                int offset = spool.position();
                int count = in.read(buffer, offset, room);
                if (count < 0) {
                    requireWhole();
                    return false;
                }
                digest.update(buffer, offset, count);
                if (gzip) {
                    decoder.setInput(buffer, offset, count);
                } else {
                    piece = buffer;
                    position = offset;
                    limit = offset + count;
                }
                spool.advance(count);
                requireNoMoreThan(declared, spool.size());
                return true;
            }

            private void requireWhole() throws EOFException {
                requireAllOf(declared, spool.size());
                if (gzip) {
                    decoder.finish();
                }
            }

            private void look() {
                for (int i = position; i < limit && decodedSize + i - position < start.length; i++) {
                    start[(int) decodedSize + i - position] = piece[i];
                }
                decodedSize += limit - position;
                if (decodedSize > maxDecodedBytes) {
                    throw BodyTooLargeException.decodingTo(maxDecodedBytes);
                }
                if (!json.isBroken()) {
                    json.accept(piece, position, limit);
                }
            }
        }
    }
}
