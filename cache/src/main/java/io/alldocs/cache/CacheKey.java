package io.alldocs.cache;

import java.net.URI;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A key of the documented form {@code v1:partition:{origin}:{hex(start)}:{hex(end)}}, {@code v1:packument:{origin}:{hex(name)}} or
 * {@code v1:abbreviated:{origin}:{hex(name)}}: lower-case hex of UTF-8, an open end is empty. Immutable.
 *
 * <p>A start, end or name has 1 to {@value #MAX_TEXT_BYTES} bytes of UTF-8. npm allows 214 characters today; older names are longer, and this bound
 * leaves room for any of them while it keeps a mistaken name of megabytes out of every store. A store may take less:
 * {@link io.alldocs.cache.spi.StorageCapabilities#maxKeyBytes()}.
 */
public final class CacheKey implements Comparable<CacheKey> {

    /** Most bytes of UTF-8 in a start key, end key or name. */
    public static final int MAX_TEXT_BYTES = 1024;

    private static final String DOCUMENTED =
            "v1:partition:{origin}:{hex(start)}:{hex(end)}, v1:packument:{origin}:{hex(name)} or v1:abbreviated:{origin}:{hex(name)}";

    /** What a key names. */
    public enum Kind {
        /** A range of {@code _all_docs}. */
        PARTITION,
        /** A package's full document. */
        PACKUMENT,
        /** A package's abbreviated document, for installing. */
        ABBREVIATED;

        private final String word = name().toLowerCase(Locale.ROOT);

        /** As keys write it: partition, packument or abbreviated. */
        public String word() {
            return word;
        }

        /** What heads of this kind carry as {@link EntryHead#form()}: partition, full or abbreviated. */
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
     * Key of the range {@code [start, end)}.
     *
     * @param origin base address, http or https; the npm registry's and its replica's hosts become {@code npm}; user information is left out
     * @param start first key of the range, null for open
     * @param end key after the range, null for open
     * @throws IllegalArgumentException for text that is empty, longer than {@link #MAX_TEXT_BYTES} or not valid Unicode, start not below end, or an
     *     address that is no origin
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
     * Key of the full form of {@code name}, which is taken as it is.
     *
     * @throws IllegalArgumentException for a name that is empty, longer than {@link #MAX_TEXT_BYTES} or not valid Unicode, or an address that is no
     *     origin
     */
    public static CacheKey packument(URI origin, String name) {
        return new CacheKey(Kind.PACKUMENT, originPart(origin), Objects.requireNonNull(name, "name"), null);
    }

    /**
     * Key of the abbreviated form of {@code name}, which is taken as it is.
     *
     * @throws IllegalArgumentException as {@link #packument}
     */
    public static CacheKey abbreviated(URI origin, String name) {
        return new CacheKey(Kind.ABBREVIATED, originPart(origin), Objects.requireNonNull(name, "name"), null);
    }

    /**
     * Reads a key. The origin's part is taken as it is, so keys of other writers, who shorten host names, parse too. So does a partition whose start is not
     * below its end: the documentation of the JavaScript project has one, from {@code start} to {@code end}. Such a range is empty.
     *
     * @throws IllegalArgumentException when {@code key} is not of one of the forms above
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

    /** As {@link #parse}, empty instead of an exception: for keys that may be of any kind. */
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
     * Prefix that all keys of one kind and origin share, for listing.
     *
     * @throws IllegalArgumentException when the address is no origin
     */
    public static String prefix(Kind kind, URI origin) {
        return prefix(kind, originPart(origin));
    }

    private static String prefix(Kind kind, String origin) {
        return "v1:" + kind.word + ':' + origin + ':';
    }

    /**
     * The part of a key that stands for an origin: {@code npm} for the npm registry and its replica (hosts {@code registry} and {@code replicate},
     * default port, no path; the replica's database {@code /registry} is the same data), else the canonical address with {@code ~hh} for each byte
     * outside {@code [a-z0-9._-]}. User information is no part of it; one trailing slash makes no difference.
     *
     * @throws IllegalArgumentException when the address is not http or https, has no host, has a query or fragment, or is too long
     */
    public static String originPart(URI origin) {
        return Origins.part(origin);
    }

    /** What this key names. */
    public Kind kind() {
        return kind;
    }

    /** The origin as written in the key. */
    public String origin() {
        return origin;
    }

    /**
     * The origin's address. For {@code npm} it is the replica for partitions, else the registry; empty when another writer shortened it beyond
     * recognition.
     */
    public Optional<URI> originAddress() {
        if (origin.equals(Origins.NPM)) {
            return Optional.of(
                    URI.create(kind == Kind.PARTITION ? "https://replicate.npmjs.com" : "https://registry.npmjs.com"));
        }
        return Origins.address(origin);
    }

    /** First key of a partition, empty when open or when this names a package. */
    public Optional<String> start() {
        return kind == Kind.PARTITION ? Optional.ofNullable(first) : Optional.empty();
    }

    /** Key after a partition, empty when open or when this names a package. */
    public Optional<String> end() {
        return Optional.ofNullable(second);
    }

    /** Name of the package, empty for partitions. */
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
            throw new IllegalArgumentException(
                    "A " + what + " must not be empty" + (kind == Kind.PARTITION ? "; an open end is null." : "."));
        }
        // Before encoding: a mistaken name of megabytes costs nothing.
        byte[] bytes = text.length() > MAX_TEXT_BYTES ? new byte[0] : Utf8.bytes(text, what);
        if (bytes.length == 0 || bytes.length > MAX_TEXT_BYTES) {
            throw new IllegalArgumentException("The " + what + " " + Utf8.quote(text) + " is too long: at most "
                    + MAX_TEXT_BYTES + " bytes of UTF-8.");
        }
        return Utf8.hex(bytes);
    }

    /** In {@link KeyOrder#UTF8} of the text. */
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

    /** The key as stored. */
    @Override
    public String toString() {
        return text;
    }
}
