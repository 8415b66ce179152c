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
 * A response that can be sent any number of times, to different connections. Its head is already rendered; its body is
 * in memory or is read for each connection. Immutable except for the reference count of its memory. Safe for concurrent
 * use.
 */
final class Response {

    /** Opens a body for one connection, which closes it. */
    @FunctionalInterface
    interface Source {
        InputStream open() throws IOException;

        /** Returns the threads that read the body: {@code stores}, unless it may block for longer than a store. */
        default Executor threads(Executor stores) {
            return stores;
        }

        /** Releases the resources of a body that will not be opened. */
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

    private Response(Builder builder, @Nullable ByteBuf memory, @Nullable Source source, long length) {
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

    /**
     * Returns the status line and the headers, each with its line break, without the connection headers and the final
     * empty line.
     */
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

    /** Returns the length of the body in bytes, or -1 if it is unknown before the body is read. */
    long length() {
        return length;
    }

    /** Returns the bytes of the body, or null if it is read from {@link #source()}. */
    @Nullable
    ByteBuf memory() {
        return memory;
    }

    @Nullable
    Source source() {
        return source;
    }

    /** Returns the bytes of memory that this response uses. */
    int weight() {
        return head.length + notModifiedHead.length + (memory == null ? 0 : memory.capacity());
    }

    /** Increments the reference count; returns false if the memory has already been released. */
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

    /** Decrements the reference count. */
    void release() {
        if (memory != null) {
            memory.release();
        } else if (source != null) {
            source.discard();
        }
    }

    /**
     * Returns the same response, sharing its memory, with another {@code cache-control}.
     *
     * @param value without control characters
     */
    Response withCacheControl(String value) {
        if (value.equals(described.headers.get(CACHE_CONTROL))) {
            return this;
        }
        Builder builder = new Builder(status);
        builder.phrase = described.phrase;
        builder.headers.putAll(described.headers);
        builder.header(CACHE_CONTROL, value);
        return new Response(builder, memory, source, length);
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

        /** @param value without control characters, which is not checked */
        Builder header(String name, String value) {
            headers.put(name, value);
            return this;
        }

        /**
         * Replaces the standard phrase of the status. Control characters and non-ASCII characters are replaced by
         * {@code ?}.
         */
        Builder phrase(String text) {
            phrase = text.replaceAll("[^ -~]", "?");
            return this;
        }

        /** @param memory exactly the bytes of the body; the reply takes ownership */
        Response memory(ByteBuf memory) {
            return new Response(this, memory, null, memory.readableBytes());
        }

        /** @param length -1 if unknown */
        Response source(Source source, long length) {
            return new Response(this, null, source, length);
        }

        Response empty() {
            return new Response(this, null, null, 0);
        }
    }
}
