package io.alldocs.cache.spi;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * The capabilities and limits of a store.
 *
 * @param orderedListing whether list returns keys in KeyOrder.UTF8
 * @param maxKeyBytes maximum length of a key in bytes of UTF-8; at least {@value #MIN_KEY_BYTES}, because keys contain
 *     names in hexadecimal
 * @param maxValueBytes maximum size of metadata and body together, where metadata counts as its JSON, and bare metadata
 *     as 0. At least {@value #MIN_VALUE_BYTES}, enough for a page of 10,000 rows
 * @param readAfterWrite whether a read sees every write that returned before it, from any process
 * @param conditionalPut whether putIfAbsent is supported, and is atomic across processes
 * @param writable false for read-only stores, whose put and delete throw UnsupportedStorageOperationException
 * @param maxBatch number of keys that a batch call sends in one request; 1 if it sends one request per key
 */
public record StorageCapabilities(
        boolean orderedListing,
        int maxKeyBytes,
        long maxValueBytes,
        boolean readAfterWrite,
        boolean conditionalPut,
        boolean writable,
        int maxBatch) {

    /**
     * The smallest allowed {@link #maxKeyBytes()}. The longest names of npm, in hexadecimal, make keys of up to 512
     * bytes.
     */
    public static final int MIN_KEY_BYTES = 512;

    /** The smallest allowed {@link #maxValueBytes()}. A compressed page of 10,000 names is well below 1 MiB. */
    public static final long MIN_VALUE_BYTES = 1 << 20;

    /**
     * Returns a builder with the weakest guarantees. By default, there is no ordered listing, no read after write and
     * no conditional put. Keys have {@value #MIN_KEY_BYTES} bytes, values any size. The store is writable, one key per
     * request.
     */
    public static Builder builder() {
        return new Builder();
    }

    /** Builds capabilities; each method returns this builder. Not safe for concurrent use. */
    public static final class Builder {
        private boolean orderedListing;
        private int maxKeyBytes = MIN_KEY_BYTES;
        private long maxValueBytes = Long.MAX_VALUE;
        private boolean readAfterWrite;
        private boolean conditionalPut;
        private boolean writable = true;
        private int maxBatch = 1;

        private Builder() {}

        /** Sets whether list returns keys in {@code KeyOrder.UTF8}. Default: false. */
        public Builder orderedListing(boolean ordered) {
            this.orderedListing = ordered;
            return this;
        }

        /** Sets the maximum length of a key in bytes of UTF-8. Default: {@value StorageCapabilities#MIN_KEY_BYTES}. */
        public Builder maxKeyBytes(int bytes) {
            this.maxKeyBytes = bytes;
            return this;
        }

        /** Sets the maximum size of metadata and body together, in bytes. Default: no limit. */
        public Builder maxValueBytes(long bytes) {
            this.maxValueBytes = bytes;
            return this;
        }

        /** Sets whether a read sees every write that returned before it, from any process. Default: false. */
        public Builder readAfterWrite(boolean consistent) {
            this.readAfterWrite = consistent;
            return this;
        }

        /** Sets whether putIfAbsent is supported, and is atomic across processes. Default: false. */
        public Builder conditionalPut(boolean supported) {
            this.conditionalPut = supported;
            return this;
        }

        /** Sets whether values can be stored and deleted. Default: true. */
        public Builder writable(boolean writable) {
            this.writable = writable;
            return this;
        }

        /** Sets the number of keys that a batch call sends in one request; at least 1. Default: 1. */
        public Builder maxBatch(int keys) {
            this.maxBatch = keys;
            return this;
        }

        /** Returns the capabilities. */
        public StorageCapabilities build() {
            return new StorageCapabilities(
                    orderedListing, maxKeyBytes, maxValueBytes, readAfterWrite, conditionalPut, writable, maxBatch);
        }
    }

    /**
     * Refuses a key that the store cannot hold.
     *
     * @throws IllegalArgumentException if the key is empty, longer than {@link #maxKeyBytes()} or not valid Unicode
     */
    public void requireKey(String key) {
        long bytes;
        try {
            // A key with more characters than allowed bytes is always too long.
            bytes = key.length() > maxKeyBytes
                    ? Long.MAX_VALUE
                    : StandardCharsets.UTF_8
                            .newEncoder()
                            .encode(CharBuffer.wrap(key))
                            .remaining();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(
                    "The key must be valid Unicode, but contains an unpaired surrogate: " + shorten(key), e);
        }
        if (bytes == 0 || bytes > maxKeyBytes) {
            throw new IllegalArgumentException("A key of this store must have between 1 and " + maxKeyBytes
                    + " bytes of UTF-8, but " + (bytes == 0 ? "is empty." : "this key has more: " + shorten(key)));
        }
    }

    /**
     * Refuses a key or value that the store cannot hold, and metadata that describes another body.
     *
     * @throws IllegalArgumentException under the conditions of {@link #requireKey}, or if the body does not have the
     *     size that its metadata declares
     * @throws ValueTooLargeException if metadata and body together are larger than {@link #maxValueBytes()}
     */
    public void requireEntry(String key, EntryMetadata head, Body body) {
        requireKey(key);
        if (valueBytes(head, body) > maxValueBytes) {
            throw new ValueTooLargeException("The value of " + shorten(key) + " is too large: its head and body have "
                    + valueBytes(head, body) + " bytes, but the store accepts at most " + maxValueBytes + " bytes.");
        }
        requireSize(head, body.sizeBytes());
    }

    /**
     * Refuses metadata that describes another body.
     *
     * @throws IllegalArgumentException unless the metadata declares a body of {@code bodyBytes}
     */
    public static void requireSize(EntryMetadata head, long bodyBytes) {
        if (head.sizeBytes() != bodyBytes) {
            throw new IllegalArgumentException("The head describes a body of " + head.sizeBytes()
                    + " bytes, but the body has " + bodyBytes + " bytes.");
        }
    }

    /** Returns the size that is compared with {@link #maxValueBytes()}. */
    public static long valueBytes(EntryMetadata head, Body body) {
        return body.sizeBytes() + (head.isBare() ? 0 : utf8Length(head.toJson()));
    }

    private static int utf8Length(String text) {
        ByteBuffer encoded = StandardCharsets.UTF_8.encode(text);
        return encoded.remaining();
    }

    private static String shorten(String key) {
        String printable = key.replaceAll("[\\p{Cntrl}\\p{Cs}]", "?");
        return printable.length() <= 200
                ? printable
                : printable.substring(0, 200) + "… (" + key.length() + " characters)";
    }
}
