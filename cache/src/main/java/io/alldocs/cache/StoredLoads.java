package io.alldocs.cache;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.body.SharedBody;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.EntrySource;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.internal.body.Integrity;
import io.alldocs.cache.internal.entry.StoredHeaders;
import io.alldocs.cache.spi.ValueTooLargeException;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Runs loaders and stores their results: a value, metadata for the stored body, or the confirmation that nothing
 * changed. Safe for concurrent use.
 */
final class StoredLoads {
    private static final System.Logger LOG = System.getLogger(Cache.class.getName());
    private static final Body EMPTY = Body.of(new byte[0]);

    private final EntryStore store;
    private final Clock clock;
    private final CacheListener listener;

    StoredLoads(EntryStore store, Clock clock, CacheListener listener) {
        this.store = store;
        this.clock = clock;
        this.listener = listener;
    }

    /** Returns the stored entry if it is undamaged and its form matches the key. The caller closes it. */
    Optional<Stored> usable(CacheKey key) {
        try {
            return only(store.read(key.toString()), stored -> isOfForm(key, stored.head()));
        } catch (IntegrityException e) {
            LOG.log(
                    System.Logger.Level.DEBUG,
                    "The stored entry of " + key + " is damaged and counts as a cache miss.",
                    e);
            listener.damaged(key, e);
            return Optional.empty();
        }
    }

    /**
     * Returns whether the entry has the form of the key. The JavaScript project records no form and stores abbreviated
     * documents under the key of full ones, so their content type is checked.
     */
    private static boolean isOfForm(CacheKey key, EntryMetadata head) {
        if (head.form() != null) {
            return head.form().equals(key.kind().form());
        }
        String type = head.headers().getOrDefault("content-type", "");
        return key.kind() != CacheKey.Kind.PACKUMENT || !type.contains("vnd.npm.install-v1");
    }

    /** Returns the entry if {@code wanted} accepts it, and closes any other. */
    static Optional<Stored> only(Optional<Stored> stored, Predicate<Stored> wanted) {
        Optional<Stored> accepted = stored.filter(wanted);
        if (accepted.isEmpty()) {
            stored.ifPresent(Stored::close);
        }
        return accepted;
    }

    /** Returns an entry that owns the body of {@code stored}. */
    static CacheEntry stored(Stored stored, Instant now) {
        boolean fresh = stored.head().isFresh(now);
        return new CacheEntry(stored.head(), stored.body(), fresh ? EntrySource.HIT : EntrySource.STALE);
    }

    /** Loads without reading or writing the store. */
    CacheEntry load(CacheKey key, Loader loader) {
        Instant asked = clock.instant();
        Loaded loaded = loader.load(Optional.empty());
        if (loaded instanceof Loaded.Other other) {
            return unstored(other.key(), other.value(), asked);
        }
        if (loaded instanceof Loaded.Value value) {
            return unstored(key, value, asked);
        }
        if (loaded instanceof Loaded.HeadOnly only) {
            return new CacheEntry(withoutBody(key, only.head(), asked), EMPTY, EntrySource.FETCHED);
        }
        throw nothingStored(key);
    }

    private static CacheEntry unstored(CacheKey key, Loaded.Value value, Instant asked) {
        EntryMetadata head = stamped(key, value.head(), asked, asked);
        return new CacheEntry(head, kept(value.body()), EntrySource.FETCHED);
    }

    /**
     * Loads a value and stores the result.
     *
     * @param stored the stored entry, which remains the caller's; empty if there is none, or if it was not read
     * @param whole whether the entry was not read, so that the loader must load the complete value
     * @return an entry with its own share of the body
     */
    CacheEntry loadAndStore(CacheKey key, Loader loader, Optional<Stored> stored, boolean whole) {
        Instant asked = clock.instant();
        Loaded loaded = loader.load(stored.map(Stored::head));
        if (loaded instanceof Loaded.NotModified notModified) {
            Stored confirmed = stored.orElseThrow(() -> nothingStored(key));
            return storeConfirmed(key, notModified.head(), confirmed, asked);
        }
        if (loaded instanceof Loaded.Other other) {
            CacheEntry entry = storeValue(other.key(), other.value(), Optional.empty(), /* whole= */ true, asked);
            if (store.head(key.toString()).isPresent()) {
                store.delete(key.toString());
            }
            return entry;
        }
        return loaded instanceof Loaded.Value value
                ? storeValue(key, value, stored, whole, asked)
                : storeHead(key, ((Loaded.HeadOnly) loaded).head(), stored, whole, asked);
    }

    /** Stores a value, or only metadata if a better body is stored or the value is too large. */
    private CacheEntry storeValue(
            CacheKey key, Loaded.Value value, Optional<Stored> stored, boolean whole, Instant asked) {
        if (value.ifBetter().isPresent()) {
            Optional<CacheEntry> kept = keepBetter(key, value, value.ifBetter().get(), asked);
            if (kept.isPresent()) {
                return kept.get();
            }
        }
        try {
            return storeWhole(key, value, stored, asked);
        } catch (ValueTooLargeException e) {
            EntryMetadata recorded = value.ifTooLarge().orElseThrow(() -> e).head();
            return storeHead(key, recorded, stored, whole, asked);
        }
    }

    /** Records only metadata if the stored body is better than the value. */
    private Optional<CacheEntry> keepBetter(CacheKey key, Loaded.Value value, Loaded.IfBetter rule, Instant asked) {
        Optional<Stored> stored = Optional.empty();
        boolean isReplaced = false;
        try {
            stored = usable(key);
            isReplaced = stored.filter(old -> old.head().sizeBytes() > 0)
                    .filter(old -> rule.isBetter().test(stored(old, asked)))
                    .isEmpty();
            return isReplaced
                    ? Optional.empty()
                    : Optional.of(storeHead(key, rule.recorded().head(), stored, asked));
        } finally {
            stored.ifPresent(Stored::close);
            if (!isReplaced) {
                value.body().close();
            }
        }
    }

    /** Stores metadata beside the stored body, which is read first if it was not read before. */
    private CacheEntry storeHead(
            CacheKey key, EntryMetadata answer, Optional<Stored> stored, boolean whole, Instant asked) {
        if (!whole) {
            return storeHead(key, answer, stored, asked);
        }
        Optional<Stored> kept = usable(key);
        try {
            return storeHead(key, answer, kept, asked);
        } finally {
            kept.ifPresent(Stored::close);
        }
    }

    private CacheEntry storeWhole(CacheKey key, Loaded.Value value, Optional<Stored> stored, Instant asked) {
        Body body = value.body();
        try {
            if (stored.isPresent() && isUnchanged(stored.get().head(), value.head())) {
                CacheEntry entry = storeConfirmed(key, value.head(), stored.get(), asked);
                body.close();
                return entry;
            }
            EntryMetadata head = stamped(key, value.head(), asked, asked);
            Stored written = store.write(key.toString(), head, body);
            listener.stored(key, head.sizeBytes());
            return new CacheEntry(written.head(), kept(body), EntrySource.FETCHED);
        } catch (RuntimeException | Error e) {
            body.close();
            throw e;
        }
    }

    private static boolean isUnchanged(EntryMetadata stored, EntryMetadata loaded) {
        return stored.status() == loaded.status()
                && loaded.header("etag").filter(stored::matchesEtag).isPresent();
    }

    private CacheEntry storeConfirmed(CacheKey key, EntryMetadata answer, Stored stored, Instant asked) {
        EntryMetadata old = stored.head();
        EntryMetadata.Builder head = old.toBuilder()
                .storedHeaders(StoredHeaders.merge(old.headers(), answer.headers()))
                .storedAt(earlier(old.storedAt(), asked))
                .validatedAt(asked)
                .lifetime(answer.lifetime() == null ? old.lifetime() : answer.lifetime())
                .storedUrl(answer.url() == null ? old.url() : answer.url())
                .proven(old.proven() || answer.proven());
        if (answer.outcome() != null) {
            head.outcome(answer.outcome());
        }
        return storeBeside(key, head.build(), stored, EntrySource.REVALIDATED);
    }

    /**
     * Stores metadata for the body of {@code old}. If another writer has stored another body since, that entry is kept
     * and returned, because the metadata describes a body that no longer exists. The next call requests the value from
     * the origin again.
     */
    private CacheEntry storeBeside(CacheKey key, EntryMetadata head, Stored old, EntrySource source) {
        String text = key.toString();
        Optional<Stored> written = store.writeHead(text, head, old);
        if (written.isEmpty()) {
            Optional<Stored> newer = only(usable(key), other -> isNewer(other.head(), old.head()));
            if (newer.isPresent()) {
                return stored(newer.get(), clock.instant());
            }
        }
        Stored now = written.orElseGet(() -> store.write(text, head, old.body()));
        return new CacheEntry(now.head(), SharedBody.share(now.body()), source);
    }

    /**
     * Returns whether {@code other} replaced {@code old}. Times are compared too, because a store without
     * read-your-writes consistency may return an older value.
     */
    private static boolean isNewer(EntryMetadata other, EntryMetadata old) {
        return !other.isOfSameBody(old) && !other.storedAt().isBefore(old.storedAt());
    }

    /** Stores the metadata, and keeps a valid body that was stored earlier. */
    private CacheEntry storeHead(CacheKey key, EntryMetadata answer, Optional<Stored> stored, Instant asked) {
        Optional<Stored> kept = stored.filter(old -> old.head().sizeBytes() > 0);
        if (kept.isEmpty()) {
            EntryMetadata head = withoutBody(key, answer, asked);
            store.write(key.toString(), head, EMPTY);
            return new CacheEntry(head, EMPTY, EntrySource.FETCHED);
        }
        EntryMetadata old = kept.get().head();
        EntryMetadata head = stamped(key, answer, earlier(old.storedAt(), asked), asked).toBuilder()
                .body(old.encoding(), old.sizeBytes(), old.integrity())
                .rev(answer.rev() == null ? old.rev() : answer.rev())
                .build();
        return storeBeside(key, head, kept.get(), EntrySource.FETCHED);
    }

    /**
     * Limits the time, because a clock that was ahead when the body was stored would make this entry look newer than
     * all others.
     */
    private static Instant earlier(Instant storedAt, Instant asked) {
        return storedAt.isBefore(asked) ? storedAt : asked;
    }

    private static EntryMetadata withoutBody(CacheKey key, EntryMetadata head, Instant asked) {
        EntryMetadata.Builder empty = stamped(key, head, asked, asked).toBuilder();
        return empty.body(null, 0, Integrity.sriOf(new byte[0])).build();
    }

    /** Sets the times, and a form if the loader set none, so that no entry is bare. */
    private static EntryMetadata stamped(CacheKey key, EntryMetadata head, Instant storedAt, Instant validatedAt) {
        return head.toBuilder()
                .form(head.form() == null ? key.kind().form() : head.form())
                .storedAt(storedAt)
                .validatedAt(validatedAt)
                .build();
    }

    /** Closes a body in memory, which stays readable. Wraps any other body so that several entries can share it. */
    private static Body kept(Body body) {
        if (SharedBody.isInMemory(body)) {
            body.close();
        }
        return SharedBody.of(body);
    }

    private static IllegalStateException nothingStored(CacheKey key) {
        return new IllegalStateException(
                "The loader of " + key + " reported that the entry has not changed, but no entry is stored.");
    }
}
