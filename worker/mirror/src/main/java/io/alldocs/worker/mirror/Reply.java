package io.alldocs.worker.mirror;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.IllegalReferenceCountException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * An answer that can be sent any number of times, to different connections: its head is rendered already, its body lies in memory or is read anew
 * each time. Immutable but for the count of those who use its memory. Safe for concurrent use.
 */
final class Reply {

    /** Opens a body for one connection, which closes it. */
    @FunctionalInterface
    interface Source {
        InputStream open() throws IOException;

        /** The threads that read it: {@code stores}, unless it may block for longer than a store. */
        default Executor threads(Executor stores) {
            return stores;
        }

        /** Lets go of what is held for a body that is not going to be opened. */
        default void discard() {}
    }

    private static final String CACHE_CONTROL = "cache-control";

    private final int status;
    private final Builder described;
    private final byte[] head;
    private final byte[] notModifiedHead;
    private final @Nullable String etag;
    private final @Nullable String lastModified;
    private final long length;
    private final @Nullable ByteBuf memory;
    private final @Nullable Source source;

    private Reply(Builder builder, @Nullable ByteBuf memory, @Nullable Source source, long length) {
        this.status = builder.status;
        this.described = builder;
        this.memory = memory;
        this.source = source;
        this.length = length;
        this.etag = builder.headers.get("etag");
        this.lastModified = builder.headers.get("last-modified");
        this.notModifiedHead =
                etag == null && lastModified == null ? new byte[0] : render(304, "", builder.headers, true);
        if (length >= 0) {
            builder.header("content-length", Long.toString(length));
        }
        this.head = render(status, builder.phrase, builder.headers, false);
    }

    static Builder builder(int status) {
        return new Builder(status);
    }

    int status() {
        return status;
    }

    /** Status line and headers, each with its line's end; those of the connection and the last, empty line are still to come. */
    byte[] head() {
        return head;
    }

    byte[] notModifiedHead() {
        return notModifiedHead;
    }

    @Nullable
    String etag() {
        return etag;
    }

    @Nullable
    String lastModified() {
        return lastModified;
    }

    /** Bytes of the body, -1 when that is not known before it was read. */
    long length() {
        return length;
    }

    /** The body's bytes, or null where it is read from {@link #source()}. */
    @Nullable
    ByteBuf memory() {
        return memory;
    }

    @Nullable
    Source source() {
        return source;
    }

    /** Bytes that this keeps in memory. */
    int weight() {
        return head.length + notModifiedHead.length + (memory == null ? 0 : memory.capacity());
    }

    /** Counts one more user of the memory; false when its last one has left. */
    boolean retain() {
        if (memory == null) {
            return true;
        }
        try {
            memory.retain();
            return true;
        } catch (IllegalReferenceCountException e) {
            return false;
        }
    }

    /** One user less. */
    void release() {
        if (memory != null) {
            memory.release();
        } else if (source != null) {
            source.discard();
        }
    }

    /**
     * The same answer, in the same memory, with another {@code cache-control}.
     *
     * @param value without control characters
     */
    Reply withCacheControl(String value) {
        if (value.equals(described.headers.get(CACHE_CONTROL))) {
            return this;
        }
        Builder builder = new Builder(status);
        builder.phrase = described.phrase;
        builder.headers.putAll(described.headers);
        builder.header(CACHE_CONTROL, value);
        return new Reply(builder, memory, source, length);
    }

    private static byte[] render(int status, String phrase, Map<String, String> headers, boolean bodiless) {
        StringBuilder text = new StringBuilder("HTTP/1.1 ")
                .append(status)
                .append(' ')
                .append(phrase.isEmpty() ? HttpResponseStatus.valueOf(status).reasonPhrase() : phrase)
                .append("\r\n");
        headers.forEach((name, value) -> {
            if (!bodiless || !name.startsWith("content-")) {
                text.append(name).append(": ").append(value).append("\r\n");
            }
        });
        return text.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Not thread-safe. */
    static final class Builder {
        private final int status;
        private final Map<String, String> headers = new LinkedHashMap<>();
        private String phrase = "";

        private Builder(int status) {
            this.status = status;
        }

        /** @param value without control characters: it is not checked */
        Builder header(String name, String value) {
            headers.put(name, value);
            return this;
        }

        /** Takes the place of the status's usual phrase. What is not ASCII, and control characters, become {@code ?} in it. */
        Builder phrase(String text) {
            phrase = text.replaceAll("[^ -~]", "?");
            return this;
        }

        /** @param memory given away, of exactly the body's bytes */
        Reply memory(ByteBuf memory) {
            return new Reply(this, memory, null, memory.readableBytes());
        }

        /** @param length -1 when it is not known */
        Reply source(Source source, long length) {
            return new Reply(this, null, source, length);
        }

        Reply empty() {
            return new Reply(this, null, null, 0);
        }
    }
}
