package io.alldocs.cache;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Locale;
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
     * @param contentEncoding as the answer's header says: null, identity, gzip or x-gzip; anything else is a {@link java.util.zip.ZipException}
     * @param declaredLength bytes that must arrive
     * @throws IOException when the body is cut ({@link EOFException}) or damaged ({@link ZipException}): the caller's HTTP client asks again; or when
     *     the temporary file cannot be written
     * @throws BodyTooLargeException when the decoded size passes the cap
     */
    public Received receive(InputStream in, @Nullable String contentEncoding, OptionalLong declaredLength)
            throws IOException {
        boolean gzip = isGzip(contentEncoding);
        Workspace workspace = idle.pollFirst();
        if (workspace == null) {
            workspace = new Workspace();
        }
        Spool spool = new Spool(budget, spoolDirectory, workspace.chunk, declaredLength);
        try {
            Received received = workspace.receive(in, gzip, declaredLength, spool);
            idle.addFirst(workspace);
            return received;
        } catch (IOException | RuntimeException | Error e) {
            spool.discard();
            workspace.decoder.end();
            throw e;
        }
    }

    private static boolean isGzip(@Nullable String contentEncoding) throws ZipException {
        String coding = contentEncoding == null ? "" : contentEncoding.trim().toLowerCase(Locale.ROOT);
        if (coding.equals("gzip") || coding.equals("x-gzip")) {
            return true;
        }
        if (coding.isEmpty() || coding.equals("identity")) {
            return false;
        }
        throw new ZipException("The answer came with content-encoding " + Utf8.quote(coding)
                + ", which was not asked for; known are gzip and identity");
    }

    /**
     * What arrived.
     *
     * @param body bytes as received; closed by whoever holds it last ({@link Cache} closes bodies it was given by a {@link Loader})
     * @param encoding gzip or null
     * @param integrity {@code sha256-<base64>} of the bytes as received
     * @param decodedSizeBytes size after decoding
     * @param jsonObject whether the decoded text begins with an opening and ends with a closing brace (white space aside)
     */
    public record Received(
            Body body, @Nullable String encoding, String integrity, long decodedSizeBytes, boolean jsonObject) {}

    /** Buffers and engines that one body needs at a time. */
    private final class Workspace {
        private final MessageDigest digest = Integrity.sha256();
        private final GzipDecoder decoder = new GzipDecoder();
        private final byte[] chunk = new byte[16 * 1024];
        private final byte[] decoded = new byte[16 * 1024];
        private long decodedSize;
        private int firstByte;
        private int lastByte;

        Received receive(InputStream in, boolean gzip, OptionalLong declared, Spool spool) throws IOException {
            digest.reset();
            decoder.reset();
            decodedSize = 0;
            firstByte = -1;
            lastByte = -1;
            while (true) {
                int room = spool.makeRoom();
                byte[] buffer = spool.buffer();
                int offset = spool.position();
                int count = in.read(buffer, offset, room);
                if (count < 0) {
                    break;
                }
                digest.update(buffer, offset, count);
                check(buffer, offset, count, gzip);
                spool.advance(count);
                if (declared.isPresent() && spool.size() > declared.getAsLong()) {
                    throw new IOException(
                            "The body has more than the " + declared.getAsLong() + " bytes its answer declared");
                }
            }
            if (declared.isPresent() && spool.size() < declared.getAsLong()) {
                throw new EOFException(
                        "The body is cut off: " + spool.size() + " of " + declared.getAsLong() + " bytes arrived");
            }
            if (gzip) {
                decoder.finish();
            }
            String integrity = Integrity.sri(digest.digest());
            return new Received(
                    spool.finish(), gzip ? "gzip" : null, integrity, decodedSize, firstByte == '{' && lastByte == '}');
        }

        private void check(byte[] buffer, int offset, int count, boolean gzip) throws ZipException {
            if (!gzip) {
                look(buffer, offset, count);
                return;
            }
            decoder.setInput(buffer, offset, count);
            for (int n = decoder.decode(decoded); n > 0; n = decoder.decode(decoded)) {
                look(decoded, 0, n);
            }
        }

        private void look(byte[] text, int offset, int count) {
            decodedSize += count;
            if (decodedSize > maxDecodedBytes) {
                throw new BodyTooLargeException("The body decodes to more than " + maxDecodedBytes
                        + " bytes; if that is expected, raise BODY_MAX_DECODED_BYTES or the receiver's cap.");
            }
            int end = offset + count - 1;
            for (int i = offset; firstByte < 0 && i <= end; i++) {
                firstByte = isSpace(text[i]) ? -1 : text[i];
            }
            while (end >= offset && isSpace(text[end])) {
                end--;
            }
            if (end >= offset) {
                lastByte = text[end];
            }
        }

        /** White space as JSON has it (RFC 8259 §2). */
        private boolean isSpace(byte b) {
            return b == ' ' || b == '\n' || b == '\r' || b == '\t';
        }
    }
}
