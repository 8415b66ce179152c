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
 * Has the policy decide about a document before something is made of it. Where the abbreviated form does not tell the age of its versions, the full form is
 * fetched; where that cannot be had, nothing is given out. Safe for concurrent use.
 */
final class PolicyGate {
    private final @Nullable MirrorPolicy policy;
    private final Documents documents;
    private final MirrorMetrics metrics;
    private final Resolver resolver;

    /** @param policy null where everything may be given out */
    PolicyGate(@Nullable MirrorPolicy policy, Documents documents, MirrorMetrics metrics, Resolver resolver) {
        this.policy = policy;
        this.documents = documents;
        this.metrics = metrics;
        this.resolver = resolver;
    }

    /** Something made of what is found for a name. */
    @FunctionalInterface
    interface Making<T> {
        T of(Optional<Document> found) throws IOException;
    }

    /** Finds the document of a name, in the store's threads or those of the registry, and ends {@code made} with what is made of it there. */
    interface Resolver {
        <T> void resolve(
                String name, PackumentForm form, boolean insisting, CompletableFuture<T> made, Making<T> making);
    }

    /**
     * A document with what was decided about it.
     *
     * @param stamp of what was decided; null without a policy, and where there is no document, or none that answers for the form
     * @param decided null where only the stamp is known
     * @param entry the text that was decided about just now; null where the decisions were known
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

    /** Something made of a document that was decided about. */
    @FunctionalInterface
    interface JudgedMaking<T> {
        T of(Judged judged) throws IOException;
    }

    /**
     * A text to give out.
     *
     * @param decided about exactly this text, or about the full one of which it was made; null without a policy
     */
    record Text(CacheEntry entry, MirrorPolicy.@Nullable Decided decided) {}

    /**
     * The text of a document in the form wanted. The store may hold another text by now than the one that was decided about; then it is decided about anew.
     *
     * @return null where there is none to give out
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
            metrics.policyUndecided();
            throw new UndecidedException(document.name(), "it has changed just now", null);
        }
        return new Text(documents.inForm(document, entry, wanted), decided);
    }

    /** The policy needs the age of versions, and what the mirror has does not tell it. */
    static final class UndecidedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UndecidedException(String name, String why, @Nullable Throwable cause) {
            super(
                    "The policy cannot decide about " + name + ": the abbreviated form does not say when its versions"
                            + " were published, and " + why,
                    cause);
        }
    }

    /** Ends {@code made} with what {@code making} makes of the document, or with an {@link UndecidedException}. */
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
                metrics.policyUndecided();
                made.completeExceptionally(new UndecidedException(
                        name, "the registry does not answer the request for the full form", error));
            } else if (error != null) {
                made.completeExceptionally(error);
            } else if (!answersInFull(judged.found())) {
                metrics.policyUndecided();
                made.completeExceptionally(new UndecidedException(
                        name, "this mirror has no full form; --pull-through lets it fetch one", null));
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

    /** What was decided, by the text where only the stamp is known; null where there is no document. */
    MirrorPolicy.@Nullable Decided decided(Judged judged) throws IOException {
        if (judged.stamp() == null || judged.decided() != null) {
            return judged.decided();
        }
        Text text = text(judged, judged.found().orElseThrow().form());
        return text == null ? null : text.decided();
    }

    /** For how long clients may keep what was made of decisions: at most {@code most}, and no longer than these hold. */
    long maxAgeSeconds(MirrorPolicy.@Nullable Stamp stamp, long most) {
        return policy == null || stamp == null ? most : policy.secondsUntilEnd(stamp, most);
    }

    /** Ends {@code made} with the decisions about what the mirror has of {@code name}, by the full form if it can be had. */
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
