package io.alldocs.cache;

import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.internal.key.Origins;
import io.alldocs.cache.internal.key.Utf8;
import io.alldocs.cache.spi.KeyOrder;
import java.net.URI;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The key of a cache entry. Its form is {@code v1:partition:{origin}:{hex(start)}:{hex(end)}},
 * {@code v1:packument:{origin}:{hex(name)}} or {@code v1:abbreviated:{origin}:{hex(name)}}. Text is written as
 * lower-case hex of its UTF-8 bytes; an open start or end is empty. Immutable.
 *
 * <p>A start, end or name has 1 to {@value #MAX_TEXT_BYTES} bytes of UTF-8. npm allows names of 214 characters today,
 * and some older names are longer. This limit accepts all of these names, and rejects an invalid name of several
 * megabytes. A store may have a lower limit: {@link io.alldocs.cache.spi.StorageCapabilities#maxKeyBytes()}.
 */
public final class CacheKey implements Comparable<CacheKey> {

    /** Maximum length of a start key, end key or name, in bytes of UTF-8. */
    public static final int MAX_TEXT_BYTES = 1024;

    private static final String DOCUMENTED =
            "v1:partition:{origin}:{hex(start)}:{hex(end)}, v1:packument:{origin}:{hex(name)} or"
                    + " v1:abbreviated:{origin}:{hex(name)}";

    /** The kind of resource that a key identifies. */
    public enum Kind {
        /** A range of {@code _all_docs}. */
        PARTITION,
        /** The full document of a package. */
        PACKUMENT,
        /** The abbreviated document of a package, which is enough to install it. */
        ABBREVIATED;

        private final String word = name().toLowerCase(Locale.ROOT);

        /** Returns the kind as written in keys: partition, packument or abbreviated. */
        public String word() {
            return word;
        }

        /** Returns the {@link EntryMetadata#form()} of entries of this kind: partition, full or abbreviated. */
        public String form() {
            return this == PACKUMENT ? "full" : word;
        }
    }

    private final Kind kind;
    private final String origin;
    private final @Nullable String first;
    private final @Nullable String second;
    private final String text;

    private CacheKey(Kind kind, String origin, @Nullable String first, @Nullable String second) {
        this.kind = kind;
        this.origin = origin;
        this.first = first;
        this.second = second;
        String key = prefix(kind, origin) + hex(kind, first);
        this.text = kind == Kind.PARTITION ? key + ':' + hex(kind, second) : key;
    }

    /**
     * Returns the key of the range {@code [start, end)}.
     *
     * @param origin base address, http or https; the hosts of the npm registry and its replica become {@code npm}, and
     *     user information is omitted
     * @param start first key of the range, null for an open start
     * @param end first key after the range, null for an open end
     * @throws IllegalArgumentException if start or end is empty, longer than {@link #MAX_TEXT_BYTES} or not valid
     *     Unicode. Also if start is not below end, or the address is not a valid origin
     */
    public static CacheKey partition(URI origin, @Nullable String start, @Nullable String end) {
        return partition(originPart(origin), start, end);
    }

    private static CacheKey partition(String origin, @Nullable String start, @Nullable String end) {
        CacheKey key = new CacheKey(Kind.PARTITION, origin, start, end);
        if (start != null && end != null && KeyOrder.UTF8.compare(start, end) >= 0) {
            throw new IllegalArgumentException(
                    "The start key " + Utf8.quote(start) + " must be below the end key " + Utf8.quote(end) + ".");
        }
        return key;
    }

    /**
     * Returns the key of the full document of {@code name}. The name is used unchanged.
     *
     * @throws IllegalArgumentException if the name is empty, longer than {@link #MAX_TEXT_BYTES} or not valid Unicode,
     *     or the address is not a valid origin
     */
    public static CacheKey packument(URI origin, String name) {
        return new CacheKey(Kind.PACKUMENT, originPart(origin), Objects.requireNonNull(name, "name"), null);
    }

    /**
     * Returns the key of the abbreviated document of {@code name}. The name is used unchanged.
     *
     * @throws IllegalArgumentException under the conditions of {@link #packument}
     */
    public static CacheKey abbreviated(URI origin, String name) {
        return new CacheKey(Kind.ABBREVIATED, originPart(origin), Objects.requireNonNull(name, "name"), null);
    }

    /**
     * Parses a key. The origin part is kept unchanged, so keys of other writers, which shorten host names, can be
     * parsed too. A partition whose start is not below its end is accepted as an empty range. The documentation of the
     * JavaScript project contains one (from {@code start} to {@code end}).
     *
     * @throws IllegalArgumentException if {@code key} does not have one of the forms listed above
     */
    public static CacheKey parse(String key) {
        String[] parts = key.split(":", -1);
        try {
            if (parts.length >= 4 && parts[0].equals("v1") && Origins.isPart(parts[2])) {
                if (parts[1].equals(Kind.PARTITION.word) && parts.length == 5) {
                    return new CacheKey(Kind.PARTITION, parts[2], open(parts[3]), open(parts[4]));
                }
                if (parts[1].equals(Kind.PACKUMENT.word) && parts.length == 4) {
                    return new CacheKey(Kind.PACKUMENT, parts[2], Utf8.fromHex(parts[3]), null);
                }
                if (parts[1].equals(Kind.ABBREVIATED.word) && parts.length == 4) {
                    return new CacheKey(Kind.ABBREVIATED, parts[2], Utf8.fromHex(parts[3]), null);
                }
            }
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "Not a cache key: " + Utf8.quote(key) + ". A key is " + DOCUMENTED + ".", e);
        }
        throw new IllegalArgumentException("Not a cache key: " + Utf8.quote(key) + ". A key is " + DOCUMENTED + ".");
    }

    /** Parses a key like {@link #parse}, but returns empty instead of throwing. Use it for keys of unknown kind. */
    public static Optional<CacheKey> find(String key) {
        if (!key.startsWith("v1:pa") && !key.startsWith("v1:ab")) {
            return Optional.empty();
        }
        try {
            return Optional.of(parse(key));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /**
     * Returns the prefix that all keys of one kind and origin share, for listing.
     *
     * @throws IllegalArgumentException if the address is not a valid origin
     */
    public static String prefix(Kind kind, URI origin) {
        return prefix(kind, originPart(origin));
    }

    private static String prefix(Kind kind, String origin) {
        return "v1:" + kind.word + ':' + origin + ':';
    }

    /**
     * Returns the part of a key that identifies an origin. The npm registry and its replica are {@code npm}: the hosts
     * {@code registry} and {@code replicate} with the default port and without a path. The replica's database
     * {@code /registry} holds the same data and is {@code npm} too. Any other origin is its canonical address, in which
     * {@code ~hh} replaces each byte outside {@code [a-z0-9._-]}. User information is omitted, and one trailing slash
     * makes no difference.
     *
     * @throws IllegalArgumentException if the address is not http or https, has no host, has a query or fragment, or is
     *     too long
     */
    public static String originPart(URI origin) {
        return Origins.part(origin);
    }

    /** Returns the kind of resource that this key identifies. */
    public Kind kind() {
        return kind;
    }

    /** Returns the origin as written in the key. */
    public String origin() {
        return origin;
    }

    /**
     * Returns the address of the origin. For {@code npm} it is the replica for partitions and the registry otherwise.
     * Empty if another writer shortened the origin so that the address cannot be restored.
     */
    public Optional<URI> originAddress() {
        if (origin.equals(Origins.NPM)) {
            return Optional.of(
                    URI.create(kind == Kind.PARTITION ? "https://replicate.npmjs.com" : "https://registry.npmjs.com"));
        }
        return Origins.address(origin);
    }

    /** Returns the first key of a partition; empty if the start is open or this key identifies a package. */
    public Optional<String> start() {
        return kind == Kind.PARTITION ? Optional.ofNullable(first) : Optional.empty();
    }

    /** Returns the first key after a partition; empty if the end is open or this key identifies a package. */
    public Optional<String> end() {
        return Optional.ofNullable(second);
    }

    /** Returns the name of the package; empty for partitions. */
    public Optional<String> packageName() {
        return kind == Kind.PARTITION ? Optional.empty() : Optional.ofNullable(first);
    }

    private static @Nullable String open(String hex) {
        return hex.isEmpty() ? null : Utf8.fromHex(hex);
    }

    private static String hex(Kind kind, @Nullable String text) {
        if (text == null) {
            return "";
        }
        String what = kind == Kind.PARTITION ? "partition key" : "package name";
        if (text.isEmpty()) {
            throw new IllegalArgumentException("A " + what + " must not be empty"
                    + (kind == Kind.PARTITION ? "; pass null for an open range." : "."));
        }
        // Check the length before encoding, so that a name of several megabytes is not encoded at all.
        byte[] bytes = text.length() > MAX_TEXT_BYTES ? new byte[0] : Utf8.bytes(text, what);
        if (bytes.length == 0 || bytes.length > MAX_TEXT_BYTES) {
            throw new IllegalArgumentException("The " + what + " " + Utf8.quote(text) + " is too long: the limit is "
                    + MAX_TEXT_BYTES + " bytes of UTF-8.");
        }
        return Utf8.hex(bytes);
    }

    /** Compares the text of both keys in the order of {@link KeyOrder#UTF8}. */
    @Override
    public int compareTo(CacheKey other) {
        return KeyOrder.UTF8.compare(text, other.text);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof CacheKey key && text.equals(key.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** Returns the key as it is stored. */
    @Override
    public String toString() {
        return text;
    }
}
