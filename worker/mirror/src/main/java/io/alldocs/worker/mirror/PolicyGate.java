package io.alldocs.worker.mirror;

import io.alldocs.cache.CacheEntry;
import io.alldocs.http.RequestException;
import io.alldocs.packument.NotARegistryException;
import io.alldocs.packument.PackumentForm;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Applies the policy to a document before a response is built from it. If the abbreviated form lacks the age of its
 * versions, the full form is fetched; if it is unavailable, nothing is served. Safe for concurrent use.
 */
final class PolicyGate {
    private final @Nullable MirrorPolicy policy;
    private final Documents documents;
    private final MirrorListener listener;
    private final Resolver resolver;

    /** @param policy null if everything may be served */
    PolicyGate(@Nullable MirrorPolicy policy, Documents documents, MirrorListener listener, Resolver resolver) {
        this.policy = policy;
        this.documents = documents;
        this.listener = listener;
        this.resolver = resolver;
    }

    /** Builds a result from the document found for a name. */
    @FunctionalInterface
    interface Making<T> {
        T of(Optional<Document> found) throws IOException;
    }

    /**
     * Finds the document of a name in the threads of the store or the registry. There it completes {@code made} with
     * the result built from the document.
     */
    interface Resolver {
        <T> void resolve(
                String name, PackumentForm form, boolean insisting, CompletableFuture<T> made, Making<T> making);
    }

    /**
     * A document and the decisions about it.
     *
     * @param stamp of the decisions; null without a policy, without a document, or if the document cannot satisfy the
     *     form
     * @param decided null if only the stamp is known
     * @param entry the text that was just decided about; null if the decisions were already known
     */
    record Judged(
            Optional<Document> found,
            MirrorPolicy.@Nullable Stamp stamp,
            MirrorPolicy.@Nullable Decided decided,
            @Nullable CacheEntry entry) {
        boolean isUndecided() {
            return stamp != null && stamp.lacksTimes();
        }
    }

    /** Builds a result from a document and the decisions about it. */
    @FunctionalInterface
    interface JudgedMaking<T> {
        T of(Judged judged) throws IOException;
    }

    /**
     * A text to serve.
     *
     * @param decided about exactly this text, or about the full text that it was derived from; null without a policy
     */
    record Text(CacheEntry entry, MirrorPolicy.@Nullable Decided decided) implements AutoCloseable {

        @Override
        public void close() {
            entry.close();
        }
    }

    /**
     * Returns the text of a document in the requested form. If the store meanwhile contains another text than the one
     * that was decided about, decides again.
     *
     * @return null if there is none to serve
     */
    @Nullable
    Text text(Judged judged, PackumentForm wanted) throws IOException {
        Document document = judged.found().orElseThrow();
        MirrorPolicy current = policy;
        if (current == null) {
            CacheEntry entry = documents.entry(document, wanted);
            return entry == null ? null : new Text(entry, null);
        }
        CacheEntry entry = judged.entry() == null ? documents.entry(document, document.form()) : judged.entry();
        if (judged.stamp() == null || entry == null) {
            return null;
        }
        MirrorPolicy.Decided before = judged.decided();
        MirrorPolicy.Decided decided =
                before != null && before.isAbout(entry) ? before : current.decide(document, entry);
        if (decided.lacksTimes()) {
            listener.happened(MirrorEvent.POLICY_UNDECIDED);
            throw new UndecidedException(document.name(), "the document has just changed", null);
        }
        return new Text(documents.inForm(document, entry, wanted), decided);
    }

    /** Thrown if the policy needs the age of versions and the mirror's copies do not contain it. */
    static final class UndecidedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UndecidedException(String name, String why, @Nullable Throwable cause) {
            super(
                    "The policy cannot decide about " + name + ": the abbreviated form does not say when its versions"
                            + " were published, and " + why,
                    cause);
        }
    }

    /**
     * Completes {@code made} with the result of {@code making} for the document, or with an {@link UndecidedException}.
     */
    <T> void judge(
            String name, PackumentForm form, boolean insisting, CompletableFuture<T> made, JudgedMaking<T> making) {
        MirrorPolicy current = policy;
        if (current == null) {
            resolver.resolve(name, form, insisting, made, found -> making.of(new Judged(found, null, null, null)));
            return;
        }
        CompletableFuture<Judged> first = new CompletableFuture<>();
        CompletableFuture<Judged> unused = first.whenComplete((judged, error) -> {
            if (error != null) {
                made.completeExceptionally(error);
            } else if (judged.isUndecided()) {
                judgeByFullForm(current, name, insisting, made, making);
            } else {
                complete(made, making, judged);
            }
        });
        resolver.resolve(name, form, insisting, first, found -> judged(current, found, form));
    }

    private <T> void judgeByFullForm(
            MirrorPolicy current, String name, boolean insisting, CompletableFuture<T> made, JudgedMaking<T> making) {
        CompletableFuture<Judged> second = new CompletableFuture<>();
        CompletableFuture<Judged> unused = second.whenComplete((judged, error) -> {
            if (error instanceof RequestException || error instanceof NotARegistryException) {
                listener.happened(MirrorEvent.POLICY_UNDECIDED);
                made.completeExceptionally(new UndecidedException(
                        name, "the registry does not respond to the request for the full form", error));
            } else if (error != null) {
                made.completeExceptionally(error);
            } else if (!answersInFull(judged.found())) {
                listener.happened(MirrorEvent.POLICY_UNDECIDED);
                made.completeExceptionally(new UndecidedException(
                        name, "this mirror does not have the full form (run it with --pull-through)", null));
            } else {
                complete(made, making, judged);
            }
        });
        resolver.resolve(
                name, PackumentForm.FULL, insisting, second, found -> judged(current, found, PackumentForm.FULL));
    }

    private static boolean answersInFull(Optional<Document> found) {
        return found.isPresent() && found.get().answers(PackumentForm.FULL);
    }

    private static <T> void complete(CompletableFuture<T> made, JudgedMaking<T> making, Judged judged) {
        try {
            made.complete(making.of(judged));
        } catch (IOException | RuntimeException | Error e) {
            made.completeExceptionally(e);
        }
    }

    private Judged judged(MirrorPolicy current, Optional<Document> found, PackumentForm form) throws IOException {
        if (found.isPresent() && found.get().answers(form)) {
            Optional<MirrorPolicy.Stamp> stamp = current.stamp(found.get());
            if (stamp.isPresent()) {
                return new Judged(found, stamp.get(), current.known(found.get()).orElse(null), null);
            }
        }
        return decided(current, found, form);
    }

    private Judged decided(MirrorPolicy current, Optional<Document> found, PackumentForm form) throws IOException {
        if (found.isEmpty() || !found.get().answers(form)) {
            return new Judged(found, null, null, null);
        }
        CacheEntry entry = documents.entry(found.get(), found.get().form());
        if (entry == null) {
            return new Judged(found, null, null, null);
        }
        MirrorPolicy.Decided decided = current.decide(found.get(), entry);
        return new Judged(found, decided.stamp(), decided, entry);
    }

    /** Returns the decisions, computed from the text if only the stamp is known; null if there is no document. */
    MirrorPolicy.@Nullable Decided decided(Judged judged) throws IOException {
        if (judged.stamp() == null || judged.decided() != null) {
            return judged.decided();
        }
        try (Text text = text(judged, judged.found().orElseThrow().form())) {
            return text == null ? null : text.decided();
        }
    }

    /**
     * Returns for how long clients may cache a response built from decisions: at most {@code most}, and no longer than
     * the decisions are valid.
     */
    long maxAgeSeconds(MirrorPolicy.@Nullable Stamp stamp, long most) {
        return policy == null || stamp == null ? most : policy.secondsUntilEnd(stamp, most);
    }

    /**
     * Completes {@code made} with the decisions about the mirror's copy of {@code name}, based on the full form if
     * available.
     */
    void explain(String name, CompletableFuture<Judged> made) {
        MirrorPolicy current = policy;
        if (current == null) {
            made.completeExceptionally(new IllegalStateException("There is no policy to explain"));
            return;
        }
        CompletableFuture<Judged> full = new CompletableFuture<>();
        CompletableFuture<Judged> unused = full.whenComplete((judged, error) -> {
            if (error == null && answersInFull(judged.found())) {
                made.complete(judged);
            } else {
                PackumentForm form = PackumentForm.ABBREVIATED;
                resolver.resolve(name, form, false, made, found -> decided(current, found, form));
            }
        });
        resolver.resolve(name, PackumentForm.FULL, false, full, found -> decided(current, found, PackumentForm.FULL));
    }
}
