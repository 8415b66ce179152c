package io.alldocs.storage.cloudflare;

import io.alldocs.cache.spi.DigitEscaping;
import io.alldocs.cache.spi.KeyNames;
import java.util.Optional;

/**
 * Maps keys to names in a namespace and back. A name is the driver's prefix and the unchanged key, so an edge worker
 * finds an entry under the key that it computes. Only characters that are not allowed in a name are escaped. Each
 * character up to {@code !} (controls, space) is written as {@code !} and two letters from {@code a} (0) to {@code p}
 * (15). The keys {@code .} and {@code ..}, which are not valid names, are written as {@code .!} and {@code ..!}. No
 * unescaped character sorts before {@code !}, so names sort like their keys and the namespace's own listing order is
 * the driver's.
 */
final class Names {
    /** <a href="https://developers.cloudflare.com/kv/platform/limits/">Limits</a>. */
    static final int MAX_BYTES = 512;

    private static final char ESCAPE = '!';

    private final KeyNames names;

    /**
     * @param prefix of all names; may be empty
     * @throws IllegalArgumentException if it is not valid Unicode
     */
    Names(String prefix) {
        this.names = new KeyNames(prefix, "", MAX_BYTES, new Escaping());
    }

    /** Returns the maximum UTF-8 length of a key without escaped characters. */
    int maxKeyBytes() {
        return names.maxKeyBytes();
    }

    String prefix() {
        return names.prefix();
    }

    /**
     * Returns the name of {@code key}.
     *
     * @throws IllegalArgumentException if the key is not valid Unicode, or its name would be too long
     */
    String of(String key) {
        String name = names.of(key);
        return isNoName(name) ? name + ESCAPE : name;
    }

    private static boolean isNoName(String name) {
        return name.equals(".") || name.equals("..");
    }

    /** Returns the common prefix of the names of all keys that begin with {@code keyPrefix}. */
    String stem(String keyPrefix) {
        return names.stem(keyPrefix);
    }

    /** Returns whether a name can begin with {@code stem}. */
    boolean fits(String stem) {
        return names.fits(stem);
    }

    /** Returns the key of a name; empty if this driver does not create such a name. */
    Optional<String> key(String name) {
        if (isNoName(name)) {
            return Optional.empty();
        }
        boolean dots = name.equals(".!") || name.equals("..!");
        return names.key(dots ? name.substring(0, name.length() - 1) : name);
    }

    private static final class Escaping extends DigitEscaping {

        Escaping() {
            super("abcdefghijklmnop");
        }

        @Override
        protected boolean isEscaped(char c) {
            return c <= ESCAPE;
        }

        @Override
        protected char leading(char c) {
            return ESCAPE;
        }

        @Override
        public String limits() {
            return "Workers KV (characters up to ! count as three bytes, and the key prefix counts too)";
        }
    }
}
