package io.alldocs.storage.gcs;

import io.alldocs.cache.spi.DigitEscaping;
import io.alldocs.cache.spi.KeyNames;

/**
 * Escapes the characters of keys in object names. A name is the driver's prefix, the escaped key, and {@code .json}, as
 * in the JavaScript project; keys of npm's own registry need no escapes. Names sort like their keys, so the store's own
 * listing order is the driver's. To ensure this, every character up to {@code /} is written as {@code .} and two
 * letters from {@code k} (0) to {@code z} (15). An escape therefore sorts after the suffix ({@code j} is below
 * {@code k}) and before all other characters. No name is a folder of another.
 */
final class ObjectNames extends DigitEscaping {
    /**
     * The limit of Google: <a href="https://cloud.google.com/storage/docs/objects#naming">About Cloud Storage
     * objects</a>.
     */
    private static final int MAX_BYTES = 1024;

    private static final String SUFFIX = ".json";

    private ObjectNames() {
        super("klmnopqrstuvwxyz");
    }

    /** @param prefix of all names; may be empty */
    static KeyNames under(String prefix) {
        return new KeyNames(prefix, SUFFIX, MAX_BYTES, new ObjectNames());
    }

    @Override
    protected boolean isEscaped(char c) {
        return c <= '/';
    }

    @Override
    protected char leading(char c) {
        return '.';
    }

    @Override
    public String limits() {
        return "Google Cloud Storage (characters up to / count as three bytes)";
    }
}
