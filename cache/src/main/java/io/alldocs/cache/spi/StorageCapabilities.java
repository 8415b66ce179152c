package io.alldocs.cache.spi;

import io.alldocs.cache.Body;
import io.alldocs.cache.EntryHead;
import io.alldocs.cache.ValueTooLargeException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * What a store can do.
 *
 * @param orderedListing list is in KeyOrder.UTF8
 * @param maxKeyBytes longest key in bytes of UTF-8; {@value #MIN_KEY_BYTES} or more, since names are written in hexadecimal in keys
 * @param maxValueBytes largest head (its JSON, nothing for a bare one) and body together; {@value #MIN_VALUE_BYTES} or more, for pages of 10,000 rows
 * @param readAfterWrite a read sees every write that returned before it, from any process
 * @param conditionalPut putIfAbsent works, atomically across processes
 * @param writable false for read-only stores: put and delete throw UnsupportedStorageOperationException
 * @param maxBatch keys that one batch call sends in one request, 1 for none
 */
public record StorageCapabilities(
        boolean orderedListing,
        int maxKeyBytes,
        long maxValueBytes,
        boolean readAfterWrite,
        boolean conditionalPut,
        boolean writable,
        int maxBatch) {

    /** What a store must take at least as the length of a key, in bytes: the longest names of npm, in hexadecimal, make keys of up to 512 bytes. */
    public static final int MIN_KEY_BYTES = 512;

    /** What a store must take at least as a value, in bytes: a compressed page of 10,000 names fits well into 1 MiB. */
    public static final long MIN_VALUE_BYTES = 1 << 20;

    /**
     * Refuses a key that the store cannot hold.
     *
     * @throws IllegalArgumentException when the key is empty, longer than {@link #maxKeyBytes()} or not valid Unicode
     */
    public void requireKey(String key) {
        long bytes;
        try {
            // More characters than bytes allowed are too many in any case.
            bytes = key.length() > maxKeyBytes
                    ? Long.MAX_VALUE
                    : StandardCharsets.UTF_8
                            .newEncoder()
                            .encode(CharBuffer.wrap(key))
                            .remaining();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(
                    "A key must be valid Unicode; this one holds an unpaired surrogate: " + shorten(key), e);
        }
        if (bytes == 0 || bytes > maxKeyBytes) {
            throw new IllegalArgumentException("A key has 1 to " + maxKeyBytes + " bytes of UTF-8 here; this one has "
                    + (bytes == 0 ? "none." : "more: " + shorten(key)));
        }
    }

    /**
     * Refuses a key or value that the store cannot hold.
     *
     * @throws IllegalArgumentException as {@link #requireKey}
     * @throws ValueTooLargeException when head and body together are larger than {@link #maxValueBytes()}
     */
    public void requireEntry(String key, EntryHead head, Body body) {
        requireKey(key);
        if (valueBytes(head, body) > maxValueBytes) {
            throw new ValueTooLargeException("The value of " + shorten(key) + " is too large: head and body have "
                    + valueBytes(head, body) + " bytes, of which the store takes " + maxValueBytes + ".");
        }
    }

    /** What counts against {@link #maxValueBytes()}. */
    public static long valueBytes(EntryHead head, Body body) {
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
