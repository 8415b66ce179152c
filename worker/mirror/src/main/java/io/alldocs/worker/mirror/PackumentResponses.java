package io.alldocs.worker.mirror;

import io.alldocs.cache.body.BodyTooLargeException;
import io.alldocs.http.IntermediaryResponseException;
import io.alldocs.http.RedirectException;
import io.alldocs.http.RequestException;
import io.alldocs.packument.NotARegistryException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Builds the responses to requests for packuments, which {@link ResponseCache} keeps in memory. Safe for concurrent
 * use.
 */
final class PackumentResponses implements ResponseCache.Maker {

    /** How long a failure is served from memory after the registry did not respond or a response could not be built. */
    static final Duration HOLD_OFF = Duration.ofSeconds(5);

    private static final int NETWORK_AUTHENTICATION_REQUIRED = 511;

    private final PolicyGate gate;
    private final @Nullable MirrorPolicy policy;
    private final Responses replies;
    private final NotFoundReasons absences;
    private final MirrorListener listener;
    private final Duration recheck;

    /**
     * @param policy null if all versions are served
     * @param recheck how long a response needs no comparison with the cache
     */
    PackumentResponses(
            PolicyGate gate,
            @Nullable MirrorPolicy policy,
            Responses replies,
            NotFoundReasons absences,
            MirrorListener listener,
            Duration recheck) {
        this.gate = gate;
        this.policy = policy;
        this.replies = replies;
        this.absences = absences;
        this.listener = listener;
        this.recheck = recheck;
    }

    @Override
    public void make(
            ResponseCache.Key key,
            ResponseCache.@Nullable CachedResponse previous,
            CompletableFuture<ResponseCache.CachedResponse> made) {
        CompletableFuture<ResponseCache.CachedResponse> found = new CompletableFuture<>();
        CompletableFuture<ResponseCache.CachedResponse> unused = found.whenComplete((response, error) -> {
            boolean isRefusal = error instanceof RequestException
                    || error instanceof NotARegistryException
                    || error instanceof BodyTooLargeException
                    || error instanceof PolicyGate.UndecidedException;
            if (isRefusal && !isForeign(error)) {
                made.complete(new ResponseCache.CachedResponse(
                        Failures.reply(error), null, HOLD_OFF)); // do not retry for every client
            } else if (error != null) {
                made.completeExceptionally(error);
            } else {
                made.complete(response);
            }
        });
        gate.judge(key.name(), key.form(), key.insisting(), found, judged -> response(key, previous, judged));
    }

    /**
     * Returns whether the response for one name did not come from the registry, so that it does not show the state of
     * the registry. Examples are a web page, a redirect that cannot be followed, and a network that requires a login
     * (511, RFC 6585 §6).
     */
    private static boolean isForeign(Throwable error) {
        int status = error instanceof RequestException failed ? failed.status().orElse(0) : 0;
        return error.getCause() instanceof IntermediaryResponseException
                || error.getCause() instanceof RedirectException
                || status == NETWORK_AUTHENTICATION_REQUIRED;
    }

    private ResponseCache.CachedResponse response(
            ResponseCache.Key key, ResponseCache.@Nullable CachedResponse previous, PolicyGate.Judged judged)
            throws IOException {
        if (judged.found().isEmpty()) {
            return new ResponseCache.CachedResponse(absences.nothing(key.name()), null, recheck);
        }
        Document document = judged.found().get();
        Duration validFor = document.stale() && recheck.compareTo(HOLD_OFF) < 0 ? HOLD_OFF : recheck;
        if (document.stale()) {
            listener.happened(MirrorEvent.STALE_SERVED);
        }
        if (previous != null
                && document.isSameAs(previous.document())
                && (judged.stamp() == null
                        ? previous.stamp() == null
                        : judged.stamp().isSameAs(previous.stamp()))
                && previous.reply().retain()) {
            return new ResponseCache.CachedResponse(
                    limited(previous.reply(), judged.stamp()), document, validFor, judged.stamp());
        }
        if (!document.answers(key.form())) {
            return new ResponseCache.CachedResponse(absences.lesserForm(document.name()), document, validFor);
        }
        PolicyGate.Text text = gate.text(judged, key.form());
        if (text == null) {
            return new ResponseCache.CachedResponse(
                    Responses.absent(document.outcome(), document.head().status()), document, validFor);
        }
        MirrorPolicy.Decided decided = text.decided();
        MirrorPolicy.Stamp stamp = decided == null ? null : decided.stamp();
        Optional<String> refused =
                decided == null ? Optional.empty() : decided.decisions().refusalOfAll();
        Response reply = refused.isPresent()
                ? Responses.explained(403, refused.get())
                : limited(replies.document(key.name(), text.entry(), key.gzip(), decided), stamp);
        if (reply.source() == null) {
            text.close(); // a response without a source has the bytes in memory
        }
        if (policy != null && decided != null) {
            policy.made(decided);
        }
        return new ResponseCache.CachedResponse(reply, document, validFor, stamp);
    }

    /** Limits the max-age of a response to the time for which its policy decisions are valid. */
    private Response limited(Response reply, MirrorPolicy.@Nullable Stamp stamp) {
        return stamp == null || reply.status() != 200
                ? reply
                : reply.withCacheControl(Responses.cacheControl(gate.maxAgeSeconds(stamp, replies.maxAgeSeconds())));
    }
}
