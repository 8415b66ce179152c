package io.alldocs.worker.mirror;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.KeyOrder;
import io.alldocs.packument.NameFilter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Serves {@code _all_docs} for the names in the cache, in CouchDB's format: names in byte order, both ends of a range
 * inclusive. The list contains a name if there is a document for it and the filter allows it. It omits names that the
 * registry did not find. Blocks; for one thread at a time.
 *
 * <p>{@code total_rows} is the number of allowed names with a record in the cache, including those without a document.
 * The number is at most a minute old. {@code offset} is null, which is what CouchDB writes for an unknown offset. A
 * client therefore detects the end of a walk by its last page, not by counts.
 *
 * <p>If the store lists in order, the listing starts at the start key. If not (the filesystem driver), each page lists
 * the whole store and keeps only the names of that page. Memory is then bounded by the page, but time is not.
 */
final class AllDocsListing {
    /** Default number of rows of a page, the same as npm's. */
    static final int DEFAULT_LIMIT = 1_000;
    /** The maximum rows of a page, as in npm, whatever limit is requested. */
    static final int MAX_LIMIT = 10_000;

    private static final Duration COUNT_LIFETIME = Duration.ofMinutes(1);
    private static final JsonFactory JSON = new JsonFactory();

    private final Cache cache;
    private final URI registry;
    private final NameFilter filter;
    private final LongSupplier nanoTime;
    private long total = -1;
    private long counted;

    AllDocsListing(Cache cache, URI registry, NameFilter filter, LongSupplier nanoTime) {
        this.cache = cache;
        this.registry = registry;
        this.filter = filter;
        this.nanoTime = nanoTime;
    }

    /**
     * A range as requested in a query.
     *
     * @param start first name, null if unbounded
     * @param end last name, null if unbounded
     */
    record Range(@Nullable String start, @Nullable String end, int limit) {

        /**
         * @throws IllegalArgumentException if the query cannot be parsed, or contains parameters that npm rejects too
         */
        static Range parse(String query) {
            @Nullable String start = null;
            @Nullable String end = null;
            int limit = DEFAULT_LIMIT;
            for (String pair : query.isEmpty() ? new String[0] : query.split("&", -1)) {
                int equals = pair.indexOf('=');
                String name = equals < 0 ? pair : pair.substring(0, equals);
                String value = equals < 0 ? "" : URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8);
                switch (name) {
                    case "startkey", "start_key" -> start = key(name, value);
                    case "endkey", "end_key" -> end = key(name, value);
                    case "limit" -> limit = limit(value);
                    case "include_docs", "update_seq", "descending" -> refuse(name, value, "false");
                    case "inclusive_end" -> refuse(name, value, "true");
                    case "skip" -> refuse(name, value, "0");
                    default ->
                        throw new IllegalArgumentException(
                                "This mirror does not support the parameter " + quoted(name));
                }
            }
            return new Range(start, end, limit);
        }

        private static @Nullable String key(String name, String json) {
            try (JsonParser parser = JSON.createParser(json)) {
                JsonToken token = parser.nextToken();
                boolean known = token == JsonToken.VALUE_STRING || token == JsonToken.VALUE_NULL;
                String text = token == JsonToken.VALUE_STRING ? parser.getText() : null;
                if (known && parser.nextToken() == null) {
                    return text == null || text.isEmpty() ? null : text;
                }
            } catch (JsonProcessingException e) {
                throw new IllegalArgumentException(name + " must be a JSON string", e);
            } catch (IOException e) {
                throw new IllegalArgumentException(name + " cannot be parsed", e);
            }
            throw new IllegalArgumentException(name + " must be a JSON string");
        }

        private static int limit(String value) {
            if (!value.matches("\\d{1,9}")) {
                throw new IllegalArgumentException("limit must be a number of at most 9 digits");
            }
            return Math.min(MAX_LIMIT, Integer.parseInt(value));
        }

        private static void refuse(String name, String value, String harmless) {
            if (!value.equals(harmless)) {
                throw new IllegalArgumentException("This mirror does not support " + name + "=" + quoted(value));
            }
        }

        private static String quoted(String text) {
            return '"' + (text.length() > 40 ? text.substring(0, 40) + "…" : text) + '"';
        }
    }

    /** Returns the page as JSON. */
    byte[] page(Range range) throws IOException {
        ByteArrayOutputStream page = new ByteArrayOutputStream(64 * 1024);
        try (JsonGenerator json = JSON.createGenerator(page)) {
            json.writeStartObject();
            json.writeNumberField("total_rows", total());
            json.writeNullField("offset");
            json.writeArrayFieldStart("rows");
            rows(range, json);
            json.writeEndArray();
            json.writeEndObject();
        }
        return page.toByteArray();
    }

    private void rows(Range range, JsonGenerator json) throws IOException {
        @Nullable String after = null;
        int rows = 0;
        List<String> names = List.of();
        do {
            names = next(range, after, range.limit() - rows);
            for (String name : names) {
                Optional<EntryMetadata> head = document(name);
                if (head.isPresent()) {
                    row(name, head.get(), json);
                    rows++;
                }
                after = name;
            }
        } while (!names.isEmpty() && rows < range.limit());
    }

    private static void row(String name, EntryMetadata head, JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", name);
        json.writeStringField("key", name);
        json.writeObjectFieldStart("value");
        if (head.rev() != null) {
            json.writeStringField("rev", head.rev());
        }
        json.writeEndObject();
        json.writeEndObject();
    }

    /** Returns the head of a document that would be served. */
    private Optional<EntryMetadata> document(String name) {
        if (!filter.allows(name)) {
            return Optional.empty();
        }
        return Stream.of(CacheKey.packument(registry, name), CacheKey.abbreviated(registry, name))
                .flatMap(key -> cache.head(key).stream())
                .filter(head -> head.sizeBytes() > 0 && !isGone(head))
                .findFirst();
    }

    private static boolean isGone(EntryMetadata head) {
        return "not_found".equals(head.outcome()) || "blocked".equals(head.outcome());
    }

    /**
     * Returns up to {@code count} names of the range after {@code after}, in order, whether or not they have a
     * document.
     */
    private List<String> next(Range range, @Nullable String after, int count) {
        return cache.capabilities().orderedListing() ? merged(range, after, count) : smallest(range, after, count);
    }

    private List<String> merged(Range range, @Nullable String after, int count) {
        List<String> merged = new ArrayList<>();
        try (Names full = new Names(CacheKey.Kind.PACKUMENT, range, after);
                Names brief = new Names(CacheKey.Kind.ABBREVIATED, range, after)) {
            while (merged.size() < count && (full.name != null || brief.name != null)) {
                int order = compare(full.name, brief.name);
                merged.add(String.valueOf(order <= 0 ? full.name : brief.name));
                if (order <= 0) {
                    full.advance();
                }
                if (order >= 0) {
                    brief.advance();
                }
            }
        }
        return merged;
    }

    /** Compares names; null, the end of a list, sorts last. */
    private static int compare(@Nullable String a, @Nullable String b) {
        if (a == null || b == null) {
            return a == null ? 1 : -1;
        }
        return KeyOrder.UTF8.compare(a, b);
    }

    private List<String> smallest(Range range, @Nullable String after, int count) {
        NavigableSet<String> smallest = new TreeSet<>(KeyOrder.UTF8);
        for (CacheKey.Kind kind : List.of(CacheKey.Kind.PACKUMENT, CacheKey.Kind.ABBREVIATED)) {
            try (Stream<String> keys = cache.keys(CacheKey.prefix(kind, registry))) {
                keys.forEach(key -> {
                    String name = name(key);
                    if (isWithin(range, name) && (after == null || compare(name, after) > 0)) {
                        smallest.add(name);
                        if (smallest.size() > count) {
                            smallest.pollLast();
                        }
                    }
                });
            }
        }
        return List.copyOf(smallest);
    }

    private static boolean isWithin(Range range, String name) {
        return (range.start() == null || compare(name, range.start()) >= 0)
                && (range.end() == null || compare(name, range.end()) <= 0);
    }

    private static String name(String key) {
        return CacheKey.parse(key).packageName().orElseThrow();
    }

    private long total() {
        if (total < 0 || nanoTime.getAsLong() - counted > COUNT_LIFETIME.toNanos()) {
            total = count();
            counted = nanoTime.getAsLong();
        }
        return total;
    }

    /** Counts names; a name with both kinds of keys counts once. */
    private long count() {
        long count = 0;
        try (Stream<String> keys = cache.keys(CacheKey.prefix(CacheKey.Kind.PACKUMENT, registry))) {
            count += keys.filter(key -> filter.allows(name(key))).count();
        }
        try (Stream<String> keys = cache.keys(CacheKey.prefix(CacheKey.Kind.ABBREVIATED, registry))) {
            count += keys.filter(key -> filter.allows(name(key)))
                    .filter(key ->
                            !cache.has(CacheKey.packument(registry, name(key)).toString()))
                    .count();
        }
        return count;
    }

    /** Iterates over the names of one kind in a range, with the current name buffered. */
    private final class Names implements AutoCloseable {
        private final Range range;
        private final Stream<String> keys;
        private final Iterator<String> iterator;

        @Nullable
        String name;

        Names(CacheKey.Kind kind, Range range, @Nullable String after) {
            this.range = range;
            String prefix = CacheKey.prefix(kind, registry);
            String from = after != null ? after : range.start();
            // A listing begins after a key, so check separately whether the first key exists.
            boolean first = after == null && from != null && cache.has(key(kind, from));
            this.keys = cache.keys(prefix, from == null ? null : key(kind, from));
            this.iterator = keys.iterator();
            if (first && isWithin(range, String.valueOf(from))) {
                name = from;
            } else {
                advance();
            }
        }

        private String key(CacheKey.Kind kind, String text) {
            return (kind == CacheKey.Kind.PACKUMENT
                            ? CacheKey.packument(registry, text)
                            : CacheKey.abbreviated(registry, text))
                    .toString();
        }

        void advance() {
            name = iterator.hasNext() ? name(iterator.next()) : null;
            if (name != null && !isWithin(range, name)) {
                name = null;
            }
        }

        @Override
        public void close() {
            keys.close();
        }
    }
}
