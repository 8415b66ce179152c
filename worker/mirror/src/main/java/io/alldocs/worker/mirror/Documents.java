package io.alldocs.worker.mirror;

import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.NotCachedException;
import io.alldocs.cache.RequestOptions;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.NpmConfig;
import io.alldocs.http.RetryPolicy;
import io.alldocs.http.Timeouts;
import io.alldocs.packument.Outcome;
import io.alldocs.packument.PackumentClient;
import io.alldocs.packument.PackumentForm;
import io.alldocs.packument.PackumentResult;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Finds the document for a name in the cache and, with pull-through, at the mirror's registry. Blocks. Safe for
 * concurrent use.
 *
 * <p>If the cache contains both forms, the one that was confirmed last is authoritative. {@link Abbreviation} derives
 * the abbreviated form from a full document.
 */
final class Documents implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Documents.class.getName());
    private static final Duration WARN_EVERY = Duration.ofMinutes(1);
    private static final RequestOptions HELD = RequestOptions.of(CacheMode.ONLY_IF_CACHED);

    private final Cache cache;
    private final PackumentClient full;
    private final PackumentClient abbreviated;
    private final Abbreviation abbreviation;
    private final BaseHttpClient http;
    private final boolean ownsHttp;
    private final boolean pullThrough;
    private final NpmConfig npmConfig;
    private final String registry;
    private final MirrorListener listener;
    private final AtomicLong warnedAtMillis = new AtomicLong();

    Documents(MirrorServerBuilder builder, MirrorListener listener) {
        this.cache = builder.cache();
        this.listener = listener;
        this.pullThrough = builder.pullThrough;
        this.npmConfig = builder.npmConfig;
        this.registry = builder.registry.toString();
        this.ownsHttp = builder.http == null;
        this.http = builder.http == null ? newHttp(builder.npmConfig) : builder.http;
        this.full = client(builder, PackumentForm.FULL);
        this.abbreviated = client(builder, PackumentForm.ABBREVIATED);
        this.abbreviation = new Abbreviation(cache, builder.registry, listener);
    }

    BaseHttpClient http() {
        return http;
    }

    /**
     * Creates an HTTP client for pull-through. It retries once after a short wait, because a client of the mirror waits
     * for the response.
     */
    private static BaseHttpClient newHttp(NpmConfig npmConfig) {
        return BaseHttpClient.builder()
                .npmConfig(npmConfig)
                .retry(new RetryPolicy(2, Duration.ofMillis(200), Duration.ofSeconds(1)))
                .timeouts(new Timeouts(Duration.ofSeconds(5), Duration.ofMinutes(1), Duration.ofSeconds(15)))
                .build();
    }

    /** Creates a client for the mirror's registry only. Names of scopes with another registry are never requested. */
    private PackumentClient client(MirrorServerBuilder builder, PackumentForm form) {
        return PackumentClient.builder()
                .cache(cache)
                .http(http)
                .npmConfig(NpmConfig.empty())
                .registry(builder.registry)
                .form(form)
                .outcomeLifetime(builder.absenceLifetime)
                .executor(Runnable::run)
                .build();
    }

    /**
     * Returns the cached document of {@code name}, however old; empty if there is none. It may not
     * {@linkplain Document#answers satisfy} a request for the form.
     */
    Optional<Document> held(String name, PackumentForm wanted) {
        Optional<PackumentResult> whole = held(full, name);
        if (wanted == PackumentForm.FULL && whole.isPresent()) {
            return whole.map(Document::of);
        }
        Optional<PackumentResult> brief =
                held(abbreviated, name).filter(result -> result.form() == PackumentForm.ABBREVIATED);
        if (whole.isEmpty() || brief.isEmpty()) {
            return whole.or(() -> brief).map(Document::of);
        }
        return Optional.of(Document.of(speaking(whole.get(), brief.get())));
    }

    private static Optional<PackumentResult> held(PackumentClient client, String name) {
        try {
            return Optional.of(client.request(name, HELD));
        } catch (NotCachedException e) {
            return Optional.empty();
        }
    }

    private static PackumentResult speaking(PackumentResult whole, PackumentResult brief) {
        if (Abbreviation.isDerived(brief.head())) {
            boolean same = whole.outcome() == brief.outcome() && Abbreviation.isDerivedFrom(brief.head(), whole.head());
            return same ? brief : whole;
        }
        return brief.head().validatedAt().isBefore(whole.head().validatedAt()) ? whole : brief;
    }

    /**
     * Returns whether a name may be requested from the registry: pull-through is enabled, and the scope has no other
     * registry.
     */
    boolean asksFor(String name) {
        return pullThrough && !Registry.isElsewhere(name, npmConfig, registry);
    }

    /** Returns whether {@code held} must be revalidated before it is served. */
    boolean isDue(String name, Optional<Document> held, PackumentForm wanted, boolean insisting) {
        return asksFor(name)
                && (insisting
                        || held.isEmpty()
                        || !held.get().answers(wanted)
                        || !held.get().head().isFresh(cache.clock()));
    }

    /**
     * Fetches the document from the registry, in the form that is authoritative in the cache. Falls back to
     * {@code held} if the registry is unavailable and {@code held} can be served.
     *
     * @throws RuntimeException as {@link PackumentClient#request(String, RequestOptions)} throws it, if there is no
     *     cached document
     */
    Document pulled(String name, PackumentForm wanted, Optional<Document> held, boolean insisting) {
        Optional<Document> answer = held.filter(document -> document.answers(wanted));
        PackumentForm form = answer.map(Document::form).orElse(wanted);
        CacheMode mode = insisting ? CacheMode.NO_CACHE : CacheMode.DEFAULT;
        try {
            listener.happened(MirrorEvent.UPSTREAM_REQUESTS);
            return Document.of(client(form).request(name, RequestOptions.of(mode)));
        } catch (RuntimeException e) {
            listener.happened(MirrorEvent.UPSTREAM_FAILURES);
            warn(name, e);
            return answer.filter(Documents::isServable).map(Document::asStale).orElseThrow(() -> e);
        }
    }

    /** Logs the reason of a failure. An outage fails many requests, so only one a minute is a warning. */
    private void warn(String name, RuntimeException failure) {
        long now = cache.clock().millis();
        long last = warnedAtMillis.get();
        boolean isDue = Math.abs(now - last) >= WARN_EVERY.toMillis() && warnedAtMillis.compareAndSet(last, now);
        if (isDue) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Cannot fetch " + name + " from the registry: " + failure.getMessage()
                            + " Further failures are logged at DEBUG for a minute.");
        } else {
            LOG.log(System.Logger.Level.DEBUG, "Cannot fetch " + name + " from the registry.", failure);
        }
    }

    /**
     * Returns whether the registry confirmed {@code document} within the last {@code period}. A confirmation in the
     * future, from a clock that was ahead, does not count.
     */
    boolean isRecent(Document document, Duration period) {
        Duration age =
                Duration.between(document.head().validatedAt(), cache.clock().instant());
        return age.abs().compareTo(period) < 0;
    }

    private PackumentClient client(PackumentForm form) {
        return form == PackumentForm.FULL ? full : abbreviated;
    }

    /**
     * Returns whether a document may be served stale if the registry fails (stale-if-error, RFC 5861 §4). This applies
     * to documents and to packages known to be removed, but not to names that were merely not found some time ago.
     */
    private static boolean isServable(Document held) {
        return held.outcome() != Outcome.NOT_FOUND;
    }

    /**
     * Returns the document to send, in the requested form if possible.
     *
     * @return null if there is none to serve; the outcome gives the reason
     * @throws IntegrityException if the document is damaged and cannot be recovered
     */
    @Nullable
    CacheEntry entry(Document document, PackumentForm wanted) {
        return readable(document, wanted)
                .map(entry -> inForm(document, entry, wanted))
                .orElse(null);
    }

    /**
     * Returns {@code entry}, the text of {@code document}, in the requested form if possible. Closes {@code entry} if
     * it returns another.
     */
    CacheEntry inForm(Document document, CacheEntry entry, PackumentForm wanted) {
        return document.isFull() && wanted == PackumentForm.ABBREVIATED ? abbreviated(document.name(), entry) : entry;
    }

    private CacheEntry abbreviated(String name, CacheEntry full) {
        try (full) {
            return abbreviation.of(name, full);
        }
    }

    private Optional<CacheEntry> readable(Document document, PackumentForm wanted) {
        try {
            return document.entry().get();
        } catch (IntegrityException e) {
            LOG.log(System.Logger.Level.WARNING, "A stored document is damaged and was not served", e);
            return Optional.of(mended(document, wanted).orElseThrow(() -> e));
        }
    }

    /**
     * Recovers a damaged document: fetches it from the registry if allowed, otherwise derives it again from the full
     * form if possible.
     */
    private Optional<CacheEntry> mended(Document document, PackumentForm wanted) {
        if (asksFor(document.name())) {
            return client(document.form())
                    .request(document.name(), RequestOptions.of(CacheMode.RELOAD))
                    .entry();
        }
        return document.isFull()
                ? Optional.empty()
                : held(full, document.name())
                        .flatMap(PackumentResult::entry)
                        .map(whole -> wanted == PackumentForm.FULL ? whole : abbreviated(document.name(), whole));
    }

    @Override
    public void close() {
        full.close();
        abbreviated.close();
        if (ownsHttp) {
            http.close();
        }
    }
}
