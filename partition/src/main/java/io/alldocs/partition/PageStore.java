package io.alldocs.partition;

import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.Loaded;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.body.BodyReceiver.Received;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.IntegrityException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * Stores pages in a cache. Each page is an entry under the key of its own range.
 *
 * <p>If a range did not fit on one page, a note under {@code v1:split:…} contains the position at which it was split. A
 * later walk therefore finds the pages of the range in the cache. The note is stored after the page to which it refers,
 * so a killed process loses only in-flight pages. Safe for concurrent use.
 */
final class PageStore {
    static final String FORM = "partition";

    private static final System.Logger LOG = System.getLogger(PageStore.class.getName());

    private static final String PARTITION_PREFIX = "v1:partition:";
    private static final String SPLIT_PREFIX = "v1:split:";

    /**
     * Headers that are not stored: a page has no validators that a request could use, and its lifetime is configured.
     */
    private static final Set<String> NOT_KEPT = Set.of(
            "age", "cache-control", "content-encoding", "content-length", "etag", "expires", "last-modified", "pragma");

    private final Cache cache;
    private final URI origin;
    private final Duration lifetime;

    PageStore(Cache cache, URI origin, Duration lifetime) {
        this.cache = cache;
        this.origin = origin;
        this.lifetime = lifetime;
    }

    URI origin() {
        return origin;
    }

    /** A stored page and its scan. */
    record Stored(CacheEntry entry, PageScan scan) {}

    /** The value of a note: the key at which a range was split. */
    record Split(String at) {}

    /** Determines which stored pages may be used. */
    record Policy(CacheMode mode, Optional<Instant> storedSince) {
        /**
         * Returns whether stored data may be used. The position of a split is useful even if the pages themselves are
         * too old.
         */
        boolean usesStore() {
            return mode.stores();
        }

        private boolean accepts(CacheKey key, CacheEntry entry, Instant now) {
            if (storedSince.isPresent() && !mode.ignoresAge()) {
                // An entry with a time in the future was stored while the clock was ahead, so it may be older than the
                // run.
                return !entry.storedAt().isBefore(storedSince.get())
                        && !entry.storedAt().isAfter(now);
            }
            return mode.serves(key, entry.head(), now);
        }
    }

    /** Returns the page stored for exactly this range, if the policy accepts it. */
    Optional<Stored> find(Partition range, Policy policy) {
        if (!policy.usesStore()) {
            return Optional.empty();
        }
        CacheKey key = range.key(origin);
        Optional<CacheEntry> entry = undamaged(() -> cache.entry(key));
        Optional<Stored> page = entry.filter(
                        found -> policy.accepts(key, found, cache.clock().instant()))
                .flatMap(found -> scan(range, found));
        if (page.isEmpty()) {
            entry.ifPresent(CacheEntry::close);
        }
        return page;
    }

    /** Treats a damaged value like an absent one, so that it is requested again. */
    private static <T> Optional<T> undamaged(Supplier<Optional<T>> stored) {
        try {
            return stored.get();
        } catch (IntegrityException e) {
            LOG.log(System.Logger.Level.DEBUG, "A stored page is damaged and counts as a cache miss.", e);
            return Optional.empty();
        }
    }

    /** Scans a stored entry. If another program stored something other than a page, the result is a miss. */
    private static Optional<Stored> scan(Partition range, CacheEntry entry) {
        if (isOfOtherProgram(entry.head())) {
            return Optional.empty();
        }
        try {
            PageScan scan = PageScan.of(entry.bodyStream());
            boolean inside = scan.rawRows() == 0 || (range.contains(first(scan)) && range.contains(last(scan)));
            return inside ? Optional.of(new Stored(entry, scan)) : Optional.empty();
        } catch (MalformedAnswerException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the stored page " + range + ".", e);
        }
    }

    /** Returns whether another program stored the entry, which may then be truncated. */
    private static boolean isOfOtherProgram(EntryMetadata head) {
        return !FORM.equals(head.form());
    }

    private static String first(PageScan scan) {
        return Objects.requireNonNull(scan.first());
    }

    private static String last(PageScan scan) {
        return Objects.requireNonNull(scan.last());
    }

    /** Returns where the range was split when it last did not fit on one page. */
    Optional<String> split(Partition range, Policy policy) {
        return policy.usesStore()
                ? undamaged(() -> cache.get(splitKey(range), Split.class))
                        .map(Split::at)
                        .filter(at -> range.contains(at) && !range.start().equals(Optional.of(at)))
                : Optional.empty();
    }

    /**
     * Stores a note that {@code range} does not fit on one page. Deletes the entry of the range, which was stored when
     * the range still fitted on one page.
     */
    void putSplit(Partition range, String at, Policy policy) {
        if (!policy.usesStore()) {
            return;
        }
        cache.set(splitKey(range), new Split(at));
        String whole = range.key(origin).toString();
        if (cache.has(whole)) {
            cache.delete(whole);
        }
    }

    private String splitKey(Partition range) {
        return SPLIT_PREFIX + range.key(origin).toString().substring(PARTITION_PREFIX.length());
    }

    /**
     * Stores a page that contains all rows of {@code range}. Takes ownership of the page, even if this method fails.
     */
    Stored put(Partition range, Page page, Policy policy) {
        PageScan scan = page.scan();
        boolean[] taken = {false};
        try {
            Loaded.Value value = value(range, page);
            CacheKey key = range.key(origin);
            CacheMode mode = policy.usesStore() ? CacheMode.RELOAD : CacheMode.NO_STORE;
            CacheEntry entry = cache.fetch(key, mode, stored -> {
                taken[0] = true;
                return value;
            });
            if (!taken[0]) {
                value.body().close();
                taken[0] = true;
            }
            return new Stored(entry, endsAtKey(range, scan) ? scan.withoutLast() : scan);
        } finally {
            if (!taken[0]) {
                page.close();
            }
        }
    }

    /**
     * Returns the entry for a page as received, but without a last row that has the range's end key. The end key is not
     * part of the range.
     */
    Loaded.Value value(Partition range, Page page) {
        Received received = endsAtKey(range, page.scan()) ? withoutLastRow(page) : page.received();
        EntryMetadata head = EntryMetadata.builder()
                .status(page.status())
                .headers(kept(page))
                .form(FORM)
                .received(received)
                .lifetime(lifetime)
                .url(page.uri())
                .build();
        return new Loaded.Value(head, received.body());
    }

    private static boolean endsAtKey(Partition range, PageScan scan) {
        return scan.last() != null && scan.last().equals(range.endOrNull());
    }

    private static Map<String, List<String>> kept(Page page) {
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        headers.putAll(page.headers().map());
        headers.keySet().removeAll(NOT_KEPT);
        return headers;
    }

    private Received withoutLastRow(Page page) {
        Received whole = page.received();
        try (Body body = whole.body()) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream((int) Math.min(1 << 20, body.sizeBytes() + 64));
            try (InputStream in = Json.decode(body.openStream(), whole.encoding());
                    OutputStream out = whole.encoding() == null ? bytes : fastGzip(bytes)) {
                copy(in, out, page.scan().tailFrom());
                in.skipNBytes(page.scan().tailTo() - page.scan().tailFrom());
                in.transferTo(out);
            }
            return cache.receiver()
                    .receive(
                            new ByteArrayInputStream(bytes.toByteArray()),
                            whole.encoding(),
                            OptionalLong.of(bytes.size()));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot remove the row of the end key from a complete page.", e);
        }
    }

    /**
     * Returns a fast gzip stream. Compared with zlib's default level, its output for a page is 10% larger and takes a
     * third of the time.
     */
    private static OutputStream fastGzip(OutputStream target) throws IOException {
        return new GZIPOutputStream(target, 16 * 1024) {
            {
                def.setLevel(Deflater.BEST_SPEED);
            }
        };
    }

    private static void copy(InputStream in, OutputStream out, long bytes) throws IOException {
        byte[] buffer = new byte[16 * 1024];
        for (long left = bytes; left > 0; ) {
            int count = in.readNBytes(buffer, 0, (int) Math.min(buffer.length, left));
            out.write(buffer, 0, count);
            left -= count;
            if (count == 0) {
                throw new EOFException("The page is truncated: " + left + " bytes before its last row are missing.");
            }
        }
    }
}
