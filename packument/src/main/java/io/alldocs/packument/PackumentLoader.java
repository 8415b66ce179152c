package io.alldocs.packument;

import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.Loaded;
import io.alldocs.cache.Loader;
import io.alldocs.cache.RequestOptions;
import io.alldocs.cache.body.BodyReceiver;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.ClientRequest;
import io.alldocs.http.ClientResponse;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Requests one packument from a registry and determines the outcome. Used once, by one thread. */
final class PackumentLoader implements Loader {

    private final BaseHttpClient http;
    private final Duration outcomeLifetime;
    private final Registry registry;
    private final String name;
    private final PackumentForm form;
    private final RequestOptions options;
    private final URI address;
    private final BodyClassifier classifier;

    /** Whether a request has already been sent to learn how the registry responds with 404. */
    private boolean hasProbed;

    PackumentLoader(
            BodyReceiver receiver,
            BaseHttpClient http,
            Duration outcomeLifetime,
            Registry registry,
            String name,
            PackumentForm form,
            RequestOptions options) {
        this.http = http;
        this.outcomeLifetime = outcomeLifetime;
        this.registry = registry;
        this.name = name;
        this.form = form;
        this.options = options;
        this.address = registry.addressOf(name);
        this.classifier = new BodyClassifier(receiver, registry, name);
    }

    /** Returns {@link Loaded.Other} if the registry sent the other form. */
    @Override
    public Loaded load(Optional<EntryMetadata> stored) {
        Optional<EntryMetadata> known = stored.filter(this::describesDocument);
        ClientRequest call = ClientRequest.get(address)
                .withHeaders(options.headers())
                .withHeader("accept", form.accept())
                .withHeaders(validators(known))
                .accepting(registry.acceptedStatuses())
                .withTimeout(options.timeout());
        try {
            return http.send(call, reply -> read(reply, known));
        } catch (UnknownNotFoundStyle e) {
            registry.learnNotFoundStyle(this::probe);
            hasProbed = true;
            return http.send(call, reply -> read(reply, known));
        }
    }

    /**
     * Thrown when a response with status 404 is a web page, and it is not yet known whether the registry sends such
     * pages. It has no stack trace, because the reader uses it to request a probe.
     */
    private static final class UnknownNotFoundStyle extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UnknownNotFoundStyle() {
            super("A web page was returned with status 404.", null, false, false);
        }
    }

    private Optional<NotFoundStyle> probe() {
        ClientRequest call = ClientRequest.get(registry.addressOf(NotFoundStyle.impossibleName()))
                .withHeaders(options.headers())
                .withHeader("accept", form.accept())
                .accepting(400, 403, 404, 410, 451)
                .withTimeout(options.timeout());
        return http.send(
                call,
                reply -> reply.status() == 404
                        ? Optional.of(NotFoundStyle.of(reply, classifier.isJson(reply)))
                        : Optional.empty());
    }

    private boolean describesDocument(EntryMetadata head) {
        return PackumentForm.of(head).filter(form::equals).isPresent() && Outcome.hasDocument(head);
    }

    private static Map<String, String> validators(Optional<EntryMetadata> known) {
        Map<String, String> validators = new HashMap<>();
        known.ifPresent(head -> {
            head.header("etag").ifPresent(etag -> validators.put("if-none-match", etag));
            head.header("last-modified").ifPresent(date -> validators.put("if-modified-since", date));
        });
        return validators;
    }

    private Loaded read(ClientResponse reply, Optional<EntryMetadata> known) throws IOException {
        return switch (reply.status()) {
            case 304 -> {
                if (validators(known).isEmpty()) {
                    throw new IOException("HTTP 304 in response to an unconditional request");
                }
                yield unchanged(reply, known);
            }
            case 404 -> recorded(reply, Outcome.NOT_FOUND);
            case 400, 403, 410, 451 -> recorded(reply, Outcome.BLOCKED);
            default -> {
                PackumentForm received = PackumentForm.ofContentType(
                        reply.headers().firstValue("content-type").orElse(null));
                yield received == form && isUnchanged(reply, known)
                        ? unchanged(reply, known)
                        : document(reply, received);
            }
        };
    }

    /**
     * Returns whether a 200 response has the ETag of the stored document, as npm sent in January 2025. Its body is not
     * read then.
     */
    private static boolean isUnchanged(ClientResponse reply, Optional<EntryMetadata> known) {
        Optional<String> etag = reply.headers().firstValue("etag");
        return etag.isPresent()
                && known.filter(head -> head.matchesEtag(etag.get())).isPresent();
    }

    private Loaded unchanged(ClientResponse reply, Optional<EntryMetadata> known) {
        registry.recordResponse();
        boolean noPackument = known.flatMap(Outcome::of)
                .filter(outcome -> outcome != Outcome.OK)
                .isPresent();
        return new Loaded.NotModified(head(reply).proven(noPackument).build());
    }

    /** Returns the outcome of a response without a packument, if the response is from the registry. */
    private Loaded recorded(ClientResponse reply, Outcome outcome) throws IOException {
        if (reply.status() == 403) {
            registry.recordRefusal(name);
        }
        if (!classifier.isJson(reply) && !(reply.status() == 404 && isNotFoundStyle(reply))) {
            throw classifier.notFromRegistry(reply, "");
        }
        if (reply.status() != 403) {
            registry.recordResponse();
        }
        return withoutBody(reply, outcome, form, null);
    }

    private boolean isNotFoundStyle(ClientResponse page) {
        Optional<NotFoundStyle> style = registry.notFoundStyle();
        if (style.isEmpty() && !hasProbed) {
            throw new UnknownNotFoundStyle();
        }
        return style.filter(known -> known.isOf(page)).isPresent();
    }

    private Loaded document(ClientResponse reply, PackumentForm received) throws IOException {
        BodyClassifier.Document document = classifier.document(reply, received);
        registry.recordResponse();
        Outcome outcome = document.finding().outcome();
        String rev = document.finding().rev();
        boolean isStub = outcome != Outcome.OK;
        if (outcome == Outcome.MALFORMED) {
            document.received().body().close();
            return withoutBody(reply, outcome, form, null);
        }
        if (isStub && received != form) { // the outcome applies to the requested form
            document.received().body().close();
            return stub(reply, outcome, rev);
        }
        EntryMetadata whole = head(reply)
                .outcome(outcome.label())
                .proven(isStub)
                .rev(rev)
                .form(received.label())
                .received(document.received())
                .build();
        Loaded.Value value = new Loaded.Value(
                whole,
                document.received().body(),
                Optional.of(withoutBody(reply, Outcome.TOO_LARGE, received, rev)),
                isStub
                        ? Optional.of(new Loaded.IfBetter(this::isPackument, stub(reply, outcome, rev)))
                        : Optional.empty());
        return received == form ? value : new Loaded.Other(received.key(registry.base(), name), value);
    }

    /**
     * Returns whether the body is a packument. If the metadata has another outcome, it may describe a later response
     * than that of the body. The outcome must then come from the body.
     */
    private boolean isPackument(CacheEntry stored) {
        return Outcome.OK.label().equals(stored.head().outcome())
                || PackumentResult.outcomeOfBody(stored, name, form) == Outcome.OK;
    }

    /** Returns the metadata of a stub that is not stored. */
    private Loaded.HeadOnly stub(ClientResponse reply, Outcome outcome, @Nullable String rev) {
        return new Loaded.HeadOnly(head(reply)
                .form(form.label())
                .outcome(outcome.label())
                .proven(true)
                .rev(rev)
                .lifetime(outcomeLifetime)
                .build());
    }

    /**
     * Returns the metadata of a response whose body is not stored. It has no validators, because they belong to that
     * body and must not be sent for another one.
     */
    private Loaded.HeadOnly withoutBody(ClientResponse reply, Outcome outcome, PackumentForm of, @Nullable String rev) {
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        headers.putAll(reply.headers().map());
        headers.keySet().removeAll(Set.of("etag", "last-modified"));
        return new Loaded.HeadOnly(head(reply)
                .headers(headers)
                .form(of.label())
                .outcome(outcome.label())
                .proven(true)
                .rev(rev)
                .lifetime(outcomeLifetime)
                .build());
    }

    private EntryMetadata.Builder head(ClientResponse reply) {
        return EntryMetadata.builder()
                .status(reply.status())
                .headers(reply.headers().map())
                .url(address);
    }
}
