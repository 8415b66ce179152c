package io.alldocs.cache;

import java.net.URI;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A key of the documented form {@code v1:partition:{origin}:{hex(start)}:{hex(end)}}, {@code v1:packument:{origin}:{hex(name)}} or
 * {@code v1:abbreviated:{origin}:{hex(name)}}.
 */
public final class CacheKey implements Comparable<CacheKey> {

    public enum Kind {
        PARTITION,
        PACKUMENT,
        ABBREVIATED
    }

    private CacheKey() {}

    /**
     * @param origin base address; the npm registry's and its replica's hosts become {@code npm}
     * @param start first key of the range, null for open
     * @param end key after the range, null for open
     * @throws IllegalArgumentException for text that is not valid Unicode, or start not below end
     */
    public static CacheKey partition(URI origin, @Nullable String start, @Nullable String end) {
        throw new AssertionError("skeleton");
    }

    /** Key of the full form of {@code name}. */
    public static CacheKey packument(URI origin, String name) {
        throw new AssertionError("skeleton");
    }

    /** Key of the abbreviated form of {@code name}. */
    public static CacheKey abbreviated(URI origin, String name) {
        throw new AssertionError("skeleton");
    }

    /** @throws IllegalArgumentException when {@code key} is not of one of the forms above */
    public static CacheKey parse(String key) {
        throw new AssertionError("skeleton");
    }

    /** Prefix that all keys of one kind and origin share, for listing. */
    public static String prefix(Kind kind, URI origin) {
        throw new AssertionError("skeleton");
    }

    /** The part of a key that stands for an origin: {@code npm}, or a reversible form in {@code [a-z0-9._~-]}. */
    public static String originPart(URI origin) {
        throw new AssertionError("skeleton");
    }

    public Kind kind() {
        throw new AssertionError("skeleton");
    }

    /** The origin as written in the key. */
    public String origin() {
        throw new AssertionError("skeleton");
    }

    public Optional<String> start() {
        throw new AssertionError("skeleton");
    }

    public Optional<String> end() {
        throw new AssertionError("skeleton");
    }

    public Optional<String> packageName() {
        throw new AssertionError("skeleton");
    }

    @Override
    public int compareTo(CacheKey other) {
        throw new AssertionError("skeleton");
    }

    /** The key as stored. */
    @Override
    public String toString() {
        throw new AssertionError("skeleton");
    }
}
