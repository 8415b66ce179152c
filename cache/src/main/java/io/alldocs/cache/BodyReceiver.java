package io.alldocs.cache;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Takes a body off the wire once: keeps the bytes as received (in memory within the {@link ByteBudget}, else in a temporary file), hashes them
 * (sha256) on the way, and proves them whole: declared length, gzip trailer and CRC. Safe for concurrent use.
 */
public final class BodyReceiver {

    /**
     * @param budget heap shared by all bodies in flight
     * @param spoolDirectory where bodies beyond the budget go; created when first needed
     * @param maxDecodedBytes cap on the decoded size; more is a {@link BodyTooLargeException}
     */
    public BodyReceiver(ByteBudget budget, Path spoolDirectory, long maxDecodedBytes) {
        throw new AssertionError("skeleton");
    }

    /** 64 MiB of heap, {@code java.io.tmpdir}, 256 MiB decoded. */
    public static BodyReceiver withDefaults() {
        throw new AssertionError("skeleton");
    }

    /**
     * Reads {@code in} to its end.
     *
     * @param contentEncoding as the answer's header says: null, identity, gzip or x-gzip; anything else is a {@link java.util.zip.ZipException}
     * @param declaredLength bytes that must arrive
     * @throws IOException when the body is cut or damaged: the caller's HTTP client asks again
     * @throws BodyTooLargeException when the decoded size passes the cap
     */
    public Received receive(InputStream in, @Nullable String contentEncoding, OptionalLong declaredLength)
            throws IOException {
        throw new AssertionError("skeleton");
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
}
