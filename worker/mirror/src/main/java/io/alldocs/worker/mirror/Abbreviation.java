package io.alldocs.worker.mirror;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.alldocs.cache.BodyReceiver;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.EntryHead;
import io.alldocs.cache.Loaded;
import io.alldocs.cache.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Makes abbreviated documents of full ones and stores them, once for each full one. A stored one says in its ETag which bytes it was made of, so that
 * one of bytes that have changed since is known as such. Safe for concurrent use.
 */
final class Abbreviation {
    private static final String MARK = "\"abbreviated-";

    /** Of making one together with others; then for the caller alone. */
    private static final int SHARED_ATTEMPTS = 3;

    private final Cache cache;
    private final URI registry;
    private final MirrorMetrics metrics;

    Abbreviation(Cache cache, URI registry, MirrorMetrics metrics) {
        this.cache = cache;
        this.registry = registry;
        this.metrics = metrics;
    }

    /** Whether a stored abbreviated document was made here, of whatever full one. */
    static boolean isDerived(EntryHead abbreviated) {
        return abbreviated.header("etag").filter(tag -> tag.startsWith(MARK)).isPresent();
    }

    /** Whether it was made of the bytes that {@code full} describes. */
    static boolean isDerivedFrom(EntryHead abbreviated, EntryHead full) {
        return abbreviated.header("etag").filter(tagOf(full)::equals).isPresent();
    }

    private static String tagOf(EntryHead full) {
        String bytes = full.integrity() != null
                ? full.integrity()
                : full.sizeBytes() + "-" + full.storedAt().toEpochMilli();
        return MARK + bytes + '"';
    }

    /** The abbreviated form of a full document, made by one thread at a time; from the store where it is there. */
    CacheEntry of(String name, CacheEntry full) {
        if (cache.driver().capabilities().writable()) {
            for (int i = 0; i < SHARED_ATTEMPTS; i++) {
                CacheEntry made = fetch(name, CacheMode.NO_CACHE, full);
                if (isDerivedFrom(made.head(), full.head())) {
                    return made;
                }
                // Another thread was making it at the time, of what the full document was before or is since.
            }
        }
        return fetch(name, CacheMode.NO_STORE, full);
    }

    private CacheEntry fetch(String name, CacheMode mode, CacheEntry full) {
        return cache.fetch(
                CacheKey.abbreviated(registry, name),
                mode,
                stored -> stored.filter(head -> isDerivedFrom(head, full.head()))
                        .<Loaded>map(head -> new Loaded.NotModified(head(full).build()))
                        .orElseGet(() -> derived(name, full)));
    }

    private Loaded derived(String name, CacheEntry full) {
        try (InputStream text = new GzipStream(
                new PackumentRewrite(full.bodyStream(), /* abbreviated= */ true, PackumentRewrite.Tarballs.SAME))) {
            BodyReceiver.Received received = cache.receiver().receive(text, "gzip", OptionalLong.empty());
            metrics.derived();
            return new Loaded.Value(head(full).received(received).build(), received.body());
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e); // the store is well: the document is no JSON
        } catch (IOException e) {
            throw new StorageException("Cannot abbreviate the stored document of " + name, false, e);
        }
    }

    private EntryHead.Builder head(CacheEntry full) {
        EntryHead head = full.head();
        Map<String, List<String>> headers = new HashMap<>();
        head.headers().forEach((name, value) -> headers.put(name, List.of(value)));
        headers.keySet().removeAll(List.of("content-length", "content-encoding"));
        headers.put("content-type", List.of(Accepts.ABBREVIATED_TYPE));
        headers.put("etag", List.of(tagOf(head)));
        headers.put("age", List.of(Long.toString(age(head).toSeconds())));
        return head.toBuilder()
                .headers(headers)
                .form(CacheKey.Kind.ABBREVIATED.form())
                .rev(null);
    }

    /** It is as old as what it was made of. */
    private Duration age(EntryHead full) {
        Instant now = cache.clock().instant();
        Duration since = Duration.between(full.validatedAt(), now);
        long before = full.header("age")
                .filter(age -> age.matches("\\d{1,9}"))
                .map(Long::parseLong)
                .orElse(0L);
        return (since.isNegative() ? Duration.ZERO : since).plusSeconds(before);
    }
}
