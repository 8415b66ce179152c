package io.alldocs.worker.mirror;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.CacheKey;
import io.alldocs.packument.Outcome;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Builds responses from documents and errors. Safe for concurrent use. */
final class Responses {
    private static final String JSON = "application/json";
    private static final String VARY = "accept, accept-encoding";
    private static final int COPY_BYTES = 16 * 1024;

    /** Bodies in memory are off-heap, so that the socket sends them without a copy, and counted. */
    private final UnpooledByteBufAllocator bodies = new UnpooledByteBufAllocator(/* preferDirect= */ true);

    private final long memoryBytes;
    private final long largestInMemory;
    private final long maxAgeSeconds;
    private final @Nullable TarballAddresses tarballs;

    /**
     * @param memoryBytes for bodies in memory, including those being sent
     * @param largestInMemory larger bodies are read for each request
     */
    Responses(long memoryBytes, long largestInMemory, Duration maxAge, @Nullable TarballAddresses tarballs) {
        this.memoryBytes = memoryBytes;
        this.largestInMemory = largestInMemory;
        this.maxAgeSeconds = maxAge.toSeconds();
        this.tarballs = tarballs;
    }

    /** Thrown if there is no memory for another body because too many clients are slow. */
    static final class BusyException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        BusyException() {
            super("No memory is available for another response", null, false, false);
        }
    }

    /** Returns the bytes of bodies in memory. */
    long usedBytes() {
        return bodies.metric().usedDirectMemory();
    }

    /** Returns the longest time for which clients may cache a response. */
    long maxAgeSeconds() {
        return maxAgeSeconds;
    }

    static String cacheControl(long maxAgeSeconds) {
        return "public, max-age=" + maxAgeSeconds;
    }

    /**
     * Returns the document as it is stored, or decoded for clients without gzip, and without the versions that the
     * policy refuses.
     *
     * @param name of the package, for the addresses of its tarballs
     * @param decided null without a policy
     * @throws BusyException if there is no memory for it
     */
    Response document(String name, CacheEntry entry, boolean gzip, MirrorPolicy.@Nullable Decided decided)
            throws IOException {
        boolean stored = entry.encoding().isPresent();
        Response.Builder builder = Response.builder(200).header("content-type", type(entry));
        String policy = decided == null ? "" : decided.tag();
        if (tarballs != null) {
            describe(builder, entry, gzip, policy + tarballs.tag() + (gzip ? "-gzip" : ""), decided != null);
            return ofUnknownLength(builder, () -> coded(text(name, entry, decided), gzip));
        }
        if (decided != null && !decided.decisions().changesNothing()) {
            describe(builder, entry, gzip, policy + (gzip ? "-gzip" : ""), true);
            return ofUnknownLength(builder, () -> coded(text(name, entry, decided), gzip));
        }
        boolean decoded = stored && !gzip;
        describe(builder, entry, stored && gzip, policy + (decoded ? "-identity" : ""), decided != null);
        return decoded
                ? builder.source(entry::bodyStream, -1)
                : ofKnownLength(
                        builder, entry.rawBody()::openStream, entry.rawBody().sizeBytes());
    }

    /**
     * Returns the document's text as clients receive it: without refused versions, and with the addresses of this
     * mirror's tarballs.
     */
    InputStream text(String name, CacheEntry entry, MirrorPolicy.@Nullable Decided decided) throws IOException {
        InputStream text = allowed(entry, decided);
        TarballAddresses addresses = tarballs;
        return addresses == null
                ? text
                : new PackumentRewrite(
                        text, /* abbreviated= */ false, (version, tarball) -> addresses.of(name, version, tarball));
    }

    private static InputStream coded(InputStream text, boolean gzip) throws IOException {
        return gzip ? new GzipStream(text) : text;
    }

    private static InputStream allowed(CacheEntry entry, MirrorPolicy.@Nullable Decided decided) throws IOException {
        InputStream text = entry.bodyStream();
        return decided == null || decided.decisions().changesNothing()
                ? text
                : decided.decisions().apply(text);
    }

    /** Returns a part of a document as plain JSON. */
    Response part(byte[] json) {
        return part(json, cacheControl(maxAgeSeconds));
    }

    Response part(byte[] json, String cacheControl) {
        return Response.builder(200)
                .header("content-type", JSON)
                .header("cache-control", cacheControl)
                .memory(allocate(json.length).writeBytes(json));
    }

    /** Returns a current response of the registry as JSON, which clients must not cache. */
    Response uncached(byte[] json) {
        return Response.builder(200)
                .header("content-type", JSON)
                .header("cache-control", "no-store")
                .memory(allocate(json.length).writeBytes(json));
    }

    /**
     * Returns a response of the mirror itself. Its few kilobytes are not counted, so monitoring requests succeed even
     * if the memory is used up.
     */
    static Response text(String type, String text) {
        return Response.builder(200)
                .header("content-type", type)
                .header("cache-control", "no-store")
                .memory(Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Returns a response with the registry's reason why there is no document. */
    static Response absent(Outcome outcome, int status) {
        return switch (outcome) {
            case BLOCKED ->
                status == 403 || status == 410 || status == 451
                        ? error(status, "The registry does not serve this package")
                        : error(404, "Not found");
            case MALFORMED -> error(502, "The registry's document cannot be read");
            case TOO_LARGE -> error(502, "The registry's document is too large for this mirror");
            default -> error(404, "Not found");
        };
    }

    /** Returns {@code {"error": message}}, the format of npm's registry, which its client prints. */
    static Response error(int status, String message) {
        return json(Response.builder(status), message);
    }

    /** Returns an error with the reason in the status phrase too, which is all that clients print for a tarball. */
    static Response explained(int status, String reason) {
        return json(Response.builder(status).phrase(reason), reason);
    }

    static Response explained(int status, String reason, String header, String value) {
        return json(Response.builder(status).phrase(reason).header(header, value), reason);
    }

    static Response error(int status, String message, String header, String value) {
        return json(Response.builder(status).header(header, value), message);
    }

    /** @param address from a packument */
    static Response redirect(String address) {
        return Response.builder(302)
                .header("location", Escapes.location(address))
                .header("cache-control", "no-store")
                .empty();
    }

    private static Response json(Response.Builder builder, String message) {
        byte[] json = JsonNodeFactory.instance
                .objectNode()
                .put("error", message)
                .toString()
                .getBytes(StandardCharsets.UTF_8);
        return builder.header("content-type", JSON).memory(Unpooled.wrappedBuffer(json));
    }

    private static String type(CacheEntry entry) {
        boolean abbreviated =
                CacheKey.Kind.ABBREVIATED.form().equals(entry.head().form());
        return abbreviated ? Accepts.ABBREVIATED_TYPE : JSON;
    }

    /**
     * Sets the headers that describe a document. The ETag is the digest of the stored bytes: strong, and equal on every
     * machine that stores them. Under a policy there is no Last-Modified, because the response changes when a version
     * grows old enough, although the document does not.
     */
    private void describe(
            Response.Builder builder, CacheEntry entry, boolean gzip, String variant, boolean underPolicy) {
        if (gzip) {
            builder.header("content-encoding", "gzip");
        }
        builder.header("vary", VARY).header("cache-control", cacheControl(maxAgeSeconds));
        entry.integrity().ifPresent(sri -> builder.header("etag", '"' + tag(sri) + variant + '"'));
        String modified = entry.headers().get("last-modified");
        if (!underPolicy && modified != null && HttpDate.parse(modified).isPresent()) {
            builder.header("last-modified", modified);
        }
    }

    /**
     * Returns the part of {@code sha256-base64} that is allowed in an ETag and does not depend on the base64 variant.
     */
    private static String tag(String sri) {
        return sri.substring(sri.indexOf('-') + 1)
                .replaceAll("\\s.*", "")
                .replace('+', '-')
                .replace('/', '_')
                .replaceAll("[^A-Za-z0-9_-]", "");
    }

    private Response ofKnownLength(Response.Builder builder, Response.Source source, long length) throws IOException {
        if (length > largestInMemory) {
            return builder.source(source, length);
        }
        ByteBuf memory = allocate((int) length);
        try (InputStream in = source.open()) {
            while (memory.isWritable() && memory.writeBytes(in, Math.min(COPY_BYTES, memory.writableBytes())) > 0) {
                // until the body is complete
            }
            if (memory.isWritable() || in.read() >= 0) {
                throw new IOException("A stored body does not have its recorded length of " + length + " bytes");
            }
            return builder.memory(memory);
        } catch (IOException | RuntimeException | Error e) {
            memory.release();
            throw e;
        }
    }

    /** Builds the body once if it is small, otherwise for each request. */
    private Response ofUnknownLength(Response.Builder builder, Response.Source source) throws IOException {
        ByteBuf memory = allocate(COPY_BYTES);
        try {
            return isRead(source, memory)
                    ? builder.memory(allocate(memory.readableBytes()).writeBytes(memory))
                    : builder.source(source, -1);
        } finally {
            memory.release();
        }
    }

    /**
     * Reads the body; returns whether {@code memory} now contains all of it, which is false if the body is too large.
     */
    private boolean isRead(Response.Source source, ByteBuf memory) throws IOException {
        try (InputStream in = source.open()) {
            while (memory.writeBytes(in, COPY_BYTES) > 0) {
                if (memory.readableBytes() > largestInMemory) {
                    return false;
                }
            }
            return true;
        }
    }

    private ByteBuf allocate(int bytes) {
        if (usedBytes() + bytes > memoryBytes) {
            throw new BusyException();
        }
        return ((ByteBufAllocator) bodies).directBuffer(bytes);
    }
}
