package io.alldocs.storage.s3;

import io.alldocs.cache.spi.DigitEscaping;
import io.alldocs.cache.spi.KeyNames;

/**
 * Escapes the characters of keys in object names. A name is the driver's prefix, the escaped key, and {@code !.json}.
 * Names sort like their keys, so the store's own listing order is the driver's. Two rules ensure this. First, the
 * suffix begins with a character below every character of an escaped key. Second, an escape consists of the highest
 * character that it represents, followed by two hex digits. It is {@code %} for 0x00 to 0x25, and {@code .} for
 * {@code .} and {@code /}. No name is a folder of another, and no name has an empty, {@code .} or {@code ..} segment.
 */
final class ObjectNames extends DigitEscaping {
    /**
     * The limit of S3: <a href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html">Naming Amazon
     * S3 objects</a>.
     */
    private static final int MAX_BYTES = 1024;

    private static final String SUFFIX = "!.json";

    private ObjectNames() {
        super("0123456789abcdef");
    }

    /** @param prefix of all names; may be empty */
    static KeyNames under(String prefix) {
        return new KeyNames(prefix, SUFFIX, MAX_BYTES, new ObjectNames());
    }

    @Override
    protected boolean isEscaped(char c) {
        return c <= '%' || c == '.' || c == '/';
    }

    @Override
    protected char leading(char c) {
        return c <= '%' ? '%' : '.';
    }

    @Override
    public String limits() {
        return "S3 (characters up to %, and . and /, count as three bytes)";
    }
}
