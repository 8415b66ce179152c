package io.alldocs.worker.mirror;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.alldocs.OperationInterruptedException;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.Loaded;
import io.alldocs.cache.Loader;
import io.alldocs.cache.body.BodyReceiver;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Derives abbreviated documents from full ones and stores them, once for each full document. The ETag of a stored
 * abbreviated document identifies the bytes that it was derived from, so an outdated one is detected. Safe for
 * concurrent use.
 */
final class Abbreviation {
    private static final System.Logger LOG = System.getLogger(Abbreviation.class.getName());
    private static final String MARK = "\"abbreviated-";

    /** Maximum attempts to share a derivation with other threads; after that, the caller derives the document alone. */
    private static final int SHARED_ATTEMPTS = 3;

    private final Cache cache;
    private final URI registry;
    private final MirrorListener listener;

    Abbreviation(Cache cache, URI registry, MirrorListener listener) {
        this.cache = cache;
        this.registry = registry;
        this.listener = listener;
    }

    /** Returns whether a stored abbreviated document was derived by this class, from any full document. */
    static boolean isDerived(EntryMetadata abbreviated) {
        return abbreviated.header("etag").filter(tag -> tag.startsWith(MARK)).isPresent();
    }

    /** Returns whether it was derived from the bytes that {@code full} describes. */
    static boolean isDerivedFrom(EntryMetadata abbreviated, EntryMetadata full) {
        return abbreviated.header("etag").filter(tagOf(full)::equals).isPresent();
    }

    private static String tagOf(EntryMetadata full) {
        String bytes = full.integrity() != null
                ? full.integrity()
                : full.sizeBytes() + "-" + full.storedAt().toEpochMilli();
        return MARK + bytes + '"';
    }

    /**
     * Returns the abbreviated form of a full document, from the store if possible. Only one thread at a time derives
     * it.
     */
    CacheEntry of(String name, CacheEntry full) {
        CacheKey key = CacheKey.abbreviated(registry, name);
        Derivation derivation = new Derivation(name, full);
        if (cache.capabilities().writable()) {
            for (int i = 0; i < SHARED_ATTEMPTS; i++) {
                Optional<CacheEntry> made = shared(key, derivation);
                if (made.filter(entry -> isDerivedFrom(entry.head(), full.head()))
                        .isPresent()) {
                    return made.get();
                }
                // Another thread derived it from an older or newer version of the full document, or failed.
                made.ifPresent(CacheEntry::close);
            }
        }
        return cache.fetch(key, CacheMode.NO_STORE, derivation);
    }

    /**
     * Derives the document, or waits for another thread that loads it. That thread may request the document from the
     * registry and fail. Such a failure does not concern the full document, so the result is then empty.
     */
    private Optional<CacheEntry> shared(CacheKey key, Derivation derivation) {
        try {
            return Optional.of(cache.fetch(key, CacheMode.NO_CACHE, derivation));
        } catch (RuntimeException e) {
            if (derivation.ran || e instanceof OperationInterruptedException) {
                throw e;
            }
            LOG.log(System.Logger.Level.DEBUG, "Another thread could not load " + key, e);
            return Optional.empty();
        }
    }

    /** Loads the abbreviated form of one full document. Used by one thread. */
    private final class Derivation implements Loader {
        private final String name;
        private final CacheEntry full;
        private boolean ran;

        Derivation(String name, CacheEntry full) {
            this.name = name;
            this.full = full;
        }

        @Override
        public Loaded load(Optional<EntryMetadata> stored) {
            ran = true;
            return stored.filter(head -> isDerivedFrom(head, full.head()))
                    .<Loaded>map(head -> new Loaded.NotModified(head(full).build()))
                    .orElseGet(() -> derived(name, full));
        }
    }

    private Loaded derived(String name, CacheEntry full) {
        try (InputStream text = new GzipStream(
                new PackumentRewrite(full.bodyStream(), /* abbreviated= */ true, PackumentRewrite.Tarballs.SAME))) {
            BodyReceiver.Received received = cache.receiver().receive(text, "gzip", OptionalLong.empty());
            listener.happened(MirrorEvent.ABBREVIATED_DERIVED);
            return new Loaded.Value(head(full).received(received).build(), received.body());
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e); // not a storage failure: the document is not JSON
        } catch (IOException e) {
            throw new StorageException("Cannot abbreviate the stored document of " + name, false, e);
        }
    }

    private EntryMetadata.Builder head(CacheEntry full) {
        EntryMetadata head = full.head();
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

    /** Returns the age, which is that of the full document. */
    private Duration age(EntryMetadata full) {
        Instant now = cache.clock().instant();
        Duration since = Duration.between(full.validatedAt(), now);
        long before = full.header("age")
                .filter(age -> age.matches("\\d{1,9}"))
                .map(Long::parseLong)
                .orElse(0L);
        return (since.isNegative() ? Duration.ZERO : since).plusSeconds(before);
    }
}
