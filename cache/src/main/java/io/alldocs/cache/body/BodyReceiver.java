package io.alldocs.cache.body;

import io.alldocs.Env;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * Reads a body from the network exactly once. It keeps the bytes as received, in memory within the {@link ByteBudget}
 * or otherwise in a temporary file. While reading, it computes their sha256 and checks that the body is complete:
 * declared length, gzip trailer and CRC. Safe for concurrent use.
 *
 * <p>{@link #of(Env)} reads the environment variables {@code BODY_MEMORY_BYTES}, {@code BODY_MAX_DECODED_BYTES} and
 * {@code SPOOL_DIR}.
 */
public final class BodyReceiver {
    /** Default heap for all in-flight bodies together: 64 MiB. */
    public static final long DEFAULT_MEMORY_BYTES = 64L << 20;

    /**
     * Default limit of the decoded size: 256 MiB. The largest packuments of npm have about a third of that size when
     * decoded.
     */
    public static final long DEFAULT_MAX_DECODED_BYTES = 256L << 20;

    private final ByteBudget budget;
    private final Path spoolDirectory;
    private final long maxDecodedBytes;

    /**
     * Decoders for reuse, because they hold native memory. Their number is the highest number of concurrent
     * bodies so far.
     */
    private final ConcurrentLinkedDeque<BodyDecoder> idle = new ConcurrentLinkedDeque<>();

    /**
     * Creates a receiver.
     *
     * @param budget heap shared by all in-flight bodies
     * @param spoolDirectory directory for bodies that exceed the budget; created when first needed
     * @param maxDecodedBytes limit of the decoded size; a larger body fails with {@link BodyTooLargeException}
     * @throws IllegalArgumentException if the limit is below 1
     */
    public BodyReceiver(ByteBudget budget, Path spoolDirectory, long maxDecodedBytes) {
        if (maxDecodedBytes < 1) {
            throw new IllegalArgumentException("maxDecodedBytes must be at least 1, but is " + maxDecodedBytes + ".");
        }
        this.budget = Objects.requireNonNull(budget, "budget");
        this.spoolDirectory = Objects.requireNonNull(spoolDirectory, "spoolDirectory");
        this.maxDecodedBytes = maxDecodedBytes;
    }

    /**
     * Returns a receiver configured by the environment. Defaults, also those of {@link Env#NONE}: 64 MiB of heap,
     * {@code java.io.tmpdir} and at most 256 MiB decoded.
     *
     * @throws IllegalArgumentException if a value is not a number in the allowed range; the message contains the
     *     variable
     */
    public static BodyReceiver of(Env env) {
        Path spool = Path.of(env.get("SPOOL_DIR").orElse(System.getProperty("java.io.tmpdir", ".")));
        return new BodyReceiver(
                ByteBudget.of(env.getLong("BODY_MEMORY_BYTES", DEFAULT_MEMORY_BYTES, 0, Long.MAX_VALUE)),
                spool,
                env.getLong("BODY_MAX_DECODED_BYTES", DEFAULT_MAX_DECODED_BYTES, 1, Long.MAX_VALUE));
    }

    /**
     * Reads {@code in} to its end and does not close it.
     *
     * <p>The receiver accepts gzip, x-gzip, deflate, identity and lists of these, in any letter case. One gzip coding
     * is kept as received; deflate and any further codings are decoded. Gzip content is also recognized if the header
     * does not name it.
     *
     * @param contentEncoding value of the response's Content-Encoding header, null for none
     * @param declaredLength number of bytes that must arrive
     * @throws IOException if the body is truncated ({@link EOFException}) or damaged ({@link ZipException}), which the
     *     caller's HTTP client retries, or if the temporary file cannot be written
     * @throws UnknownContentCodingException if the content coding is unknown, or the body is still compressed after its
     *     Content-Encoding was decoded
     * @throws BodyTooLargeException if the decoded size exceeds the limit
     */
    public Received receive(InputStream in, @Nullable String contentEncoding, OptionalLong declaredLength)
            throws IOException {
        return receive(in, contentEncoding, declaredLength, text -> Boolean.TRUE)
                .received();
    }

    /**
     * Receives a body like {@link #receive(InputStream, String, OptionalLong)}, and passes the decoded text to
     * {@code reader} while it arrives. This avoids decoding the body twice.
     *
     * @param reader reads as much of the text as it needs, on the calling thread; the text is not yet known to be
     *     complete
     * @throws IOException under the conditions of that method, and if {@code reader} throws it although the body is
     *     complete and valid
     */
    public <T> Read<T> receive(
            InputStream in, @Nullable String contentEncoding, OptionalLong declaredLength, TextReader<T> reader)
            throws IOException {
        try (ContentCodings coded = ContentCodings.of(in, contentEncoding, declaredLength, maxDecodedBytes)) {
            return receive(coded, reader);
        }
    }

    private <T> Read<T> receive(ContentCodings coded, TextReader<T> reader) throws IOException {
        BodyDecoder decoder = idle.pollFirst();
        if (decoder == null) {
            decoder = new BodyDecoder(maxDecodedBytes);
        }
        Spool spool = new Spool(budget, spoolDirectory, decoder.chunk(), coded.declared());
        try {
            Read<T> read = decoder.receive(coded, spool, reader);
            idle.addFirst(decoder);
            return read;
        } catch (IOException | RuntimeException | Error e) {
            spool.discard();
            decoder.end();
            throw e;
        }
    }

    /**
     * Reads {@code in} to its end as raw bytes and does not close it. The bytes are neither decoded nor hashed; only
     * their number is checked.
     *
     * @param declaredLength number of bytes that must arrive
     * @throws EOFException if fewer bytes arrive than were declared
     * @throws IOException if more bytes arrive, reading fails, or the temporary file cannot be written
     */
    public Body receiveRaw(InputStream in, OptionalLong declaredLength) throws IOException {
        Spool spool = new Spool(budget, spoolDirectory, new byte[16 * 1024], declaredLength);
        try {
            int first = spool.makeRoom();
            int count = in.read(spool.buffer(), spool.position(), first);
            while (count >= 0) {
                spool.advance(count);
                BodyDecoder.requireNoMoreThan(declaredLength, spool.size());
                int room = spool.makeRoom();
                count = in.read(spool.buffer(), spool.position(), room);
            }
            BodyDecoder.requireAllOf(declaredLength, spool.size());
            return spool.finish();
        } catch (IOException | RuntimeException | Error e) {
            spool.discard();
            throw e;
        }
    }

    /** Reads decoded text while it arrives. */
    @FunctionalInterface
    public interface TextReader<T> {
        /**
         * Reads the text and returns a result.
         *
         * @param decoded the decoded text; reading fails as the body does, and closing does nothing; must not be used
         *     after this method returns
         * @throws IOException if the text does not have the expected form
         */
        T read(InputStream decoded) throws IOException;
    }

    /**
     * A body, together with the result of a reader.
     *
     * @param value what the reader returned
     * @param received the complete body
     */
    public record Read<T>(T value, Received received) {}

    /**
     * A received body.
     *
     * @param body bytes as received; the last owner closes it ({@code Cache} closes the bodies that a {@code Loader}
     *     returns)
     * @param encoding gzip, or null for none
     * @param integrity {@code sha256-<base64>} of the bytes as received
     * @param decodedSizeBytes size after decoding
     * @param json kind of JSON that the decoded text is; determined from all its bytes
     */
    public record Received(
            Body body, @Nullable String encoding, String integrity, long decodedSizeBytes, JsonText json) {}
}
