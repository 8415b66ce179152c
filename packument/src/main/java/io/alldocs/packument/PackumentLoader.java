package io.alldocs.packument;

import io.alldocs.cache.BodyReceiver;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.EntryHead;
import io.alldocs.cache.Loaded;
import io.alldocs.cache.RequestOptions;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.HttpCall;
import io.alldocs.http.HttpReply;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Asks a registry for one packument and says what came. Used once, by one thread. */
final class PackumentLoader {

    private final Cache cache;
    private final BaseHttpClient http;
    private final Duration outcomeLifetime;
    private final Registry registry;
    private final String name;
    private final PackumentForm form;
    private final RequestOptions options;
    private final URI address;

    /** Digest of a body whose JSON stopped half-way: the same bytes twice are what the registry has, not what the wire lost. */
    private @Nullable String unfinished;

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

    /** @throws OtherForm when the registry sent the other form; it is stored then under its own key */
    Loaded load(Optional<EntryHead> stored) {
        Optional<EntryHead> known = stored.filter(this::describesDocument);
        HttpCall call = HttpCall.get(address)
                .withHeaders(options.headers())
                .withHeader("accept", form.accept())
                .withHeaders(validators(known))
                .accepting(registry.answers())
                .withTimeout(options.timeout());
        Answer answer = http.send(call, reply -> read(reply, known));
        if (answer.form() != form && answer.loaded() instanceof Loaded.Value value) {
            throw new OtherForm(storeOther(value), answer.form());
        }
        return answer.loaded() instanceof Loaded.Value value
                ? keepingGood(value, answer.withoutBody())
                : answer.loaded();
    }

    /**
     * What an attempt brought.
     *
     * @param withoutBody the same, to be recorded beside a body that is better
     * @param form of what was received
     */
    private record Answer(Loaded loaded, Loaded withoutBody, PackumentForm form) {
        Answer(Loaded loaded, PackumentForm form) {
            this(loaded, loaded, form);
        }
    }

    /** The registry sent the form that was not asked for. No stack trace: this is how the loader answers for another key. */
    static final class OtherForm extends RuntimeException {
        private static final long serialVersionUID = 1L;

        final transient CacheEntry entry;
        final PackumentForm form;

        OtherForm(CacheEntry entry, PackumentForm form) {
            super("The registry sent the " + form.label() + " form", null, false, false);
            this.entry = entry;
            this.form = form;
        }
    }

    private boolean describesDocument(EntryHead head) {
        return PackumentForm.of(head).filter(form::equals).isPresent() && Outcome.hasDocument(head);
    }

    private static Map<String, String> validators(Optional<EntryHead> known) {
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

    private Answer read(HttpReply reply, Optional<EntryHead> known) throws IOException {
        PackumentForm received = PackumentForm.ofContentType(
                reply.headers().firstValue("content-type").orElse(null));
        return switch (reply.status()) {
            case 304 -> {
                if (validators(known).isEmpty()) {
                    throw new IOException("HTTP 304 to a request without conditions");
                }
                registry.answered();
                yield new Answer(new Loaded.NotModified(head(reply).build()), form);
            }
            case 404 -> recorded(reply, Outcome.NOT_FOUND);
            case 400, 403, 410, 451 -> recorded(reply, Outcome.BLOCKED);
            default -> {
                if (received == form && isUnchanged(known, reply)) {
                    registry.answered();
                    yield new Answer(new Loaded.NotModified(head(reply).build()), form);
                }
                yield document(reply, received);
            }
        };
    }

    private Answer recorded(HttpReply reply, Outcome outcome) {
        if (reply.status() == 403) {
            registry.refused(name);
        } else {
            registry.answered();
        }
        return new Answer(outcomeOnly(reply, outcome), form);
    }

    private Loaded outcomeOnly(HttpReply reply, Outcome outcome) {
        return outcomeOnly(reply, outcome, form, null);
    }

    /** Without validators: they are those of a body that is not kept, and must not be taken for those of one that is. */
    private Loaded.HeadOnly outcomeOnly(HttpReply reply, Outcome outcome, PackumentForm of, @Nullable String rev) {
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        headers.putAll(reply.headers().map());
        headers.keySet().removeAll(Set.of("etag", "last-modified"));
        return new Loaded.HeadOnly(head(reply)
                .headers(headers)
                .form(of.label())
                .outcome(outcome.label())
                .rev(rev)
                .lifetime(outcomeLifetime)
                .build());
    }

    private EntryHead.Builder head(HttpReply reply) {
        Instant now = cache.clock().instant();
        return EntryHead.builder()
                .status(reply.status())
                .headers(reply.headers().map())
                .storedAt(now)
                .validatedAt(now)
                .url(address);
    }

    /** A 200 with the tag of what is stored, compared weakly (RFC 9110 §8.8.3.2); npm sent such in January 2025. Its body is left unread. */
    private static boolean isUnchanged(Optional<EntryHead> known, HttpReply reply) {
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
        OptionalLong declared = reply.contentLength();
        String encoding = reply.headers().firstValue("content-encoding").orElse(null);
        BodyReceiver.Read<Look> read =
                cache.receiver().receive(reply.body(), encoding, declared, text -> look(text, received));
        BodyReceiver.Received body = read.received();
        boolean handedOn = false;
        try {
            PackumentScan.Finding finding = finding(read.value(), body);
            if (finding.json()) {
                registry.answered();
            } else {
                registry.answeredWithoutJson(name);
            }
            if (finding.outcome() == Outcome.MALFORMED) {
                return new Answer(outcomeOnly(reply, Outcome.MALFORMED), form);
            }
            EntryHead.Builder head =
                    head(reply).outcome(finding.outcome().label()).rev(finding.rev());
            Loaded withoutBody = new Loaded.HeadOnly(
                    head.form(form.label()).lifetime(outcomeLifetime).build());
            if (received != form && finding.outcome() != Outcome.OK) {
                return new Answer(withoutBody, form); // what became of the name holds for the form asked for
            }
            EntryHead whole =
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

    /** A finding, or how the text was found to be cut. */
    private record Look(
            PackumentScan.@Nullable Finding finding,
            @Nullable EOFException cut) {}

    private Look look(InputStream text, PackumentForm received) throws IOException {
        try {
            return new Look(PackumentScan.scan(text, name, received), null);
        } catch (EOFException e) {
            return new Look(null, e);
        }
    }

    /** @throws EOFException when the text is not whole, for the first time: asking again may bring the rest */
    private PackumentScan.Finding finding(Look look, BodyReceiver.Received received) throws EOFException {
        PackumentScan.Finding finding = look.finding();
        if (finding == null) {
            return again(received, Objects.requireNonNull(look.cut()));
        }
        boolean cut = finding.outcome() != Outcome.MALFORMED && !received.jsonObject();
        return cut ? again(received, new EOFException("The document does not end as a JSON object")) : finding;
    }

    private PackumentScan.Finding again(BodyReceiver.Received received, EOFException cut) throws EOFException {
        if (received.integrity().equals(unfinished)) {
            return new PackumentScan.Finding(Outcome.MALFORMED, null, true);
        }
        unfinished = received.integrity();
        throw cut;
    }

    /** What is stored under the key that was asked for is older, and would hide this. */
    private CacheEntry storeOther(Loaded.Value value) {
        CacheMode mode = isStoring() ? CacheMode.RELOAD : CacheMode.NO_STORE;
        CacheEntry entry = cache.fetch(form.other().key(registry.base(), name), mode, stored -> value);
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

    /** A stub or a placeholder never takes the place of a packument that was good: then only its head is recorded. */
    private Loaded keepingGood(Loaded.Value value, Loaded withoutBody) {
        boolean good = Outcome.OK.label().equals(value.head().outcome());
        if (good || !isStoring() || !isGoodBodyStored()) {
            return value;
        }
        value.body().close();
        return withoutBody;
    }

    private boolean isGoodBodyStored() {
        Optional<EntryHead> stored = cache.head(key()).filter(head -> head.sizeBytes() > 0);
        if (stored.isEmpty() || Outcome.OK.label().equals(stored.get().outcome())) {
            return stored.isPresent();
        }
        // The head speaks of a later answer, so the body must: it is that answer's stub, or the packument that was kept
        // beside it.
        return cache.entry(key())
                .filter(entry -> PackumentResult.outcomeOfBody(entry, name, form) == Outcome.OK)
                .isPresent();
    }
}
