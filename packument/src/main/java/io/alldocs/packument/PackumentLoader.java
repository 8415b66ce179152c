package io.alldocs.packument;

import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.Loaded;
import io.alldocs.cache.RequestOptions;
import io.alldocs.cache.body.BodyReceiver;
import io.alldocs.cache.body.JsonText;
import io.alldocs.cache.body.UnknownContentCodingException;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.ForeignAnswerException;
import io.alldocs.http.HttpCall;
import io.alldocs.http.HttpReply;
import io.alldocs.http.UnknownCodingException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.StreamCorruptedException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Requests one packument from a registry and determines the outcome. Used once, by one thread. */
final class PackumentLoader {

    private final Cache cache;
    private final BaseHttpClient http;
    private final Duration outcomeLifetime;
    private final Registry registry;
    private final String name;
    private final PackumentForm form;
    private final RequestOptions options;
    private final URI address;

    /**
     * Digest of a body that is not a packument. If the same bytes are received twice, they come from the registry and
     * were not damaged or replaced on the way.
     */
    private @Nullable String seenOnce;

    private boolean styleWasSought;

    PackumentLoader(
            Cache cache,
            BaseHttpClient http,
            Duration outcomeLifetime,
            Registry registry,
            String name,
            PackumentForm form,
            RequestOptions options) {
        this.cache = cache;
        this.http = http;
        this.outcomeLifetime = outcomeLifetime;
        this.registry = registry;
        this.name = name;
        this.form = form;
        this.options = options;
        this.address = registry.addressOf(name);
    }

    /** @throws OtherForm if the registry sent the other form, which is then stored under its own key */
    Loaded load(Optional<EntryMetadata> stored) {
        Optional<EntryMetadata> known = stored.filter(this::describesDocument);
        HttpCall call = HttpCall.get(address)
                .withHeaders(options.headers())
                .withHeader("accept", form.accept())
                .withHeaders(validators(known))
                .accepting(registry.answers())
                .withTimeout(options.timeout());
        Answer answer;
        try {
            answer = http.send(call, reply -> read(reply, known));
        } catch (UnknownNotFoundStyle e) {
            registry.learnNotFoundStyle(this::probe);
            styleWasSought = true;
            answer = http.send(call, reply -> read(reply, known));
        }
        if (answer.form() != form && answer.loaded() instanceof Loaded.Value value) {
            throw new OtherForm(storeOther(value), answer.form());
        }
        return answer.loaded() instanceof Loaded.Value value
                ? keepingGood(value, answer.withoutBody())
                : answer.loaded();
    }

    /**
     * The result of an attempt.
     *
     * @param withoutBody the same result without its document, recorded if a better document is stored
     * @param form form of the received document
     */
    private record Answer(Loaded loaded, Loaded withoutBody, PackumentForm form) {
        Answer(Loaded loaded, PackumentForm form) {
            this(loaded, loaded, form);
        }
    }

    /**
     * Thrown when the registry sent the form that was not requested. It has no stack trace, because the loader uses it
     * to return an entry of another key.
     */
    static final class OtherForm extends RuntimeException {
        private static final long serialVersionUID = 1L;

        /** All callers of a coalesced fetch receive this exception, so each needs its own share of the entry. */
        final transient CacheEntry entry;

        final PackumentForm form;

        OtherForm(CacheEntry entry, PackumentForm form) {
            super("The registry returned the " + form.label() + " form.", null, false, false);
            this.entry = entry;
            this.form = form;
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
        HttpCall call = HttpCall.get(registry.addressOf(NotFoundStyle.impossibleName()))
                .withHeaders(options.headers())
                .withHeader("accept", form.accept())
                .accepting(400, 403, 404, 410, 451)
                .withTimeout(options.timeout());
        return http.send(
                call,
                reply ->
                        reply.status() == 404 ? Optional.of(NotFoundStyle.of(reply, isJson(reply))) : Optional.empty());
    }

    private boolean describesDocument(EntryMetadata head) {
        return PackumentForm.of(head).filter(form::equals).isPresent() && Outcome.hasDocument(head);
    }

    private static Map<String, String> validators(Optional<EntryMetadata> known) {
        Map<String, String> validators = new HashMap<>();
        known.ifPresent(head -> {
            putIfPresent(validators, "if-none-match", head.headers().get("etag"));
            putIfPresent(validators, "if-modified-since", head.headers().get("last-modified"));
        });
        return validators;
    }

    private static void putIfPresent(Map<String, String> headers, String header, @Nullable String value) {
        if (value != null) {
            headers.put(header, value);
        }
    }

    private Answer read(HttpReply reply, Optional<EntryMetadata> known) throws IOException {
        PackumentForm received = PackumentForm.ofContentType(
                reply.headers().firstValue("content-type").orElse(null));
        return switch (reply.status()) {
            case 304 -> {
                if (validators(known).isEmpty()) {
                    throw new IOException("HTTP 304 in response to an unconditional request");
                }
                registry.answered();
                yield unchanged(reply, known);
            }
            case 404 -> recorded(reply, Outcome.NOT_FOUND);
            case 400, 403, 410, 451 -> recorded(reply, Outcome.BLOCKED);
            default -> {
                if (received == form && isUnchanged(known, reply)) {
                    registry.answered();
                    yield unchanged(reply, known);
                }
                yield document(reply, received);
            }
        };
    }

    private Answer unchanged(HttpReply reply, Optional<EntryMetadata> known) {
        boolean noPackument = known.flatMap(Outcome::of)
                .filter(outcome -> outcome != Outcome.OK)
                .isPresent();
        return new Answer(new Loaded.NotModified(head(reply).proven(noPackument).build()), form);
    }

    /** Returns the outcome of a response without a packument, if the response is from the registry. */
    private Answer recorded(HttpReply reply, Outcome outcome) throws IOException {
        if (reply.status() == 403) {
            registry.refused(name);
        }
        if (!isJson(reply) && !(reply.status() == 404 && isWayToSayNotFound(reply))) {
            throw foreign(reply, "");
        }
        if (reply.status() != 403) {
            registry.answered();
        }
        return new Answer(outcomeOnly(reply, outcome), form);
    }

    private boolean isJson(HttpReply reply) throws IOException {
        BodyReceiver.Received received = receive(reply, text -> Boolean.TRUE).received();
        received.body().close();
        return received.json().isJson();
    }

    private boolean isWayToSayNotFound(HttpReply page) {
        Optional<NotFoundStyle> style = registry.notFoundStyle();
        if (style.isEmpty() && !styleWasSought) {
            throw new UnknownNotFoundStyle();
        }
        return style.filter(known -> known.isOf(page)).isPresent();
    }

    /** @throws NotARegistryException if there were too many in a row */
    private ForeignAnswerException foreign(HttpReply reply, String more) {
        String type = reply.headers().firstValue("content-type").orElse("no content type");
        String what = "HTTP " + reply.status() + " and " + type + more;
        registry.answeredByAnother(name, what);
        return new ForeignAnswerException(what);
    }

    private <T> BodyReceiver.Read<T> receive(HttpReply reply, BodyReceiver.TextReader<T> reader) throws IOException {
        String encoding = String.join(", ", reply.headers().allValues("content-encoding"));
        try {
            return cache.receiver().receive(reply.body(), encoding, reply.contentLength(), reader);
        } catch (UnknownContentCodingException e) {
            throw new UnknownCodingException(String.valueOf(e.getMessage()));
        }
    }

    private Loaded outcomeOnly(HttpReply reply, Outcome outcome) {
        return outcomeOnly(reply, outcome, form, null);
    }

    /**
     * Removes the validators, because they belong to a body that is not stored and must not be sent for another body.
     */
    private Loaded.HeadOnly outcomeOnly(HttpReply reply, Outcome outcome, PackumentForm of, @Nullable String rev) {
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

    private EntryMetadata.Builder head(HttpReply reply) {
        Instant now = cache.clock().instant();
        return EntryMetadata.builder()
                .status(reply.status())
                .headers(reply.headers().map())
                .storedAt(now)
                .validatedAt(now)
                .url(address);
    }

    /**
     * Returns whether a 200 response has the ETag of the stored entry, as npm sent in January 2025. Uses the weak
     * comparison of RFC 9110 §8.8.3.2. The body is not read.
     */
    private static boolean isUnchanged(Optional<EntryMetadata> known, HttpReply reply) {
        Optional<String> tag = reply.headers().firstValue("etag").map(PackumentLoader::opaque);
        return tag.isPresent()
                && known.map(head -> head.headers().get("etag"))
                        .map(PackumentLoader::opaque)
                        .equals(tag);
    }

    private static String opaque(String etag) {
        return etag.startsWith("W/") ? etag.substring(2) : etag;
    }

    private Answer document(HttpReply reply, PackumentForm received) throws IOException {
        BodyReceiver.Read<Look> read = receive(reply, text -> look(text, received));
        BodyReceiver.Received body = read.received();
        boolean handedOn = false;
        try {
            PackumentScan.Finding finding = finding(reply, read.value(), body);
            registry.answered();
            if (finding.outcome() == Outcome.MALFORMED) {
                return new Answer(outcomeOnly(reply, Outcome.MALFORMED), form);
            }
            EntryMetadata.Builder head = head(reply)
                    .outcome(finding.outcome().label())
                    .proven(finding.outcome() != Outcome.OK)
                    .rev(finding.rev());
            Loaded withoutBody = new Loaded.HeadOnly(
                    head.form(form.label()).lifetime(outcomeLifetime).build());
            if (received != form && finding.outcome() != Outcome.OK) {
                return new Answer(withoutBody, form); // the outcome of the name applies to the requested form
            }
            EntryMetadata whole =
                    head.form(received.label()).lifetime(null).received(body).build();
            handedOn = true;
            Loaded.HeadOnly tooLarge = outcomeOnly(reply, Outcome.TOO_LARGE, received, finding.rev());
            return new Answer(new Loaded.Value(whole, body.body(), Optional.of(tooLarge)), withoutBody, received);
        } finally {
            if (!handedOn) {
                body.body().close();
            }
        }
    }

    /**
     * The result of scanning the beginning of the document; null if the document is truncated before the scan has a
     * result.
     */
    private record Look(PackumentScan.@Nullable Finding finding) {}

    private Look look(InputStream text, PackumentForm received) throws IOException {
        try {
            return new Look(PackumentScan.scan(text, name, received));
        } catch (EOFException e) {
            return new Look(null);
        }
    }

    /**
     * Determines what the document is, from all of its bytes.
     *
     * @throws ForeignAnswerException if the document is not from the registry
     * @throws IOException if the document is incomplete or not a packument, for the first time; a retry may receive one
     */
    private PackumentScan.Finding finding(HttpReply reply, Look look, BodyReceiver.Received body) throws IOException {
        boolean again = body.integrity().equals(seenOnce);
        if (body.json() == JsonText.EMPTY && again) {
            throw foreign(reply, " without a body");
        }
        PackumentScan.Finding finding = look.finding();
        if (body.json().isJson() && finding != null && finding.outcome() != Outcome.MALFORMED) {
            return finding;
        }
        boolean cut = body.json() == JsonText.CUT;
        if (cut && reply.endsWithConnection() && body.encoding() == null) {
            seenOnce = body.integrity();
            throw new EOFException("The connection ended inside the JSON text of the document.");
        }
        if (body.json() == JsonText.MARKUP || !(cut || claimsJson(reply))) {
            throw foreign(reply, "");
        }
        if (again) {
            return new PackumentScan.Finding(Outcome.MALFORMED, null);
        }
        seenOnce = body.integrity();
        throw cut
                ? new EOFException("The JSON text of the document is truncated.")
                : new StreamCorruptedException("The document is not a packument of " + PackageName.quote(name) + ".");
    }

    private static boolean claimsJson(HttpReply reply) {
        String type = reply.headers().firstValue("content-type").orElse("").toLowerCase(Locale.ROOT);
        int end = type.indexOf(';');
        String media = (end < 0 ? type : type.substring(0, end)).strip();
        return media.endsWith("/json") || media.endsWith("+json");
    }

    /**
     * Stores the other form, and deletes the entry under the requested key, which is older and would hide the new one.
     */
    private CacheEntry storeOther(Loaded.Value value) {
        CacheKey other = form.other().key(registry.base(), name);
        // Not by fetch: another thread may load the other form at the same time, receive this form and wait for this
        // thread.
        CacheEntry entry =
                isStoring() ? cache.put(other, value) : cache.fetch(other, CacheMode.NO_STORE, stored -> value);
        if (isStoring() && cache.head(key()).isPresent()) {
            cache.delete(key().toString());
        }
        return entry;
    }

    private boolean isStoring() {
        return options.mode() != CacheMode.NO_STORE;
    }

    private CacheKey key() {
        return form.key(registry.base(), name);
    }

    /** Keeps a stored good packument: a stub or placeholder never replaces it, and only its metadata is recorded. */
    private Loaded keepingGood(Loaded.Value value, Loaded withoutBody) {
        boolean good = Outcome.OK.label().equals(value.head().outcome());
        if (good || !isStoring() || !isGoodBodyStored()) {
            return value;
        }
        value.body().close();
        return withoutBody;
    }

    private boolean isGoodBodyStored() {
        Optional<EntryMetadata> stored = cache.head(key()).filter(head -> head.sizeBytes() > 0);
        if (stored.isEmpty() || Outcome.OK.label().equals(stored.get().outcome())) {
            return stored.isPresent();
        }
        // The metadata describes a later response, so the outcome must come from the body. The body is that response's
        // stub, or the packument that was kept.
        Optional<CacheEntry> entry = cache.entry(key());
        if (entry.isEmpty()) {
            return false;
        }
        try (CacheEntry kept = entry.get()) {
            return PackumentResult.outcomeOfBody(kept, name, form) == Outcome.OK;
        }
    }
}
