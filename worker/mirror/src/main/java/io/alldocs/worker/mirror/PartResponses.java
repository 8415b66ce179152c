package io.alldocs.worker.mirror;

import io.alldocs.packument.PackumentForm;
import io.alldocs.packument.VersionDecisions;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Responds to requests for a part of a packument: a manifest, the dist-tags, or the decisions of the policy. The
 * response is built for each request. Safe for concurrent use.
 */
final class PartResponses {
    private final PolicyGate gate;
    private final @Nullable MirrorPolicy policy;
    private final Responses replies;
    private final NotFoundReasons absences;

    PartResponses(PolicyGate gate, @Nullable MirrorPolicy policy, Responses replies, NotFoundReasons absences) {
        this.gate = gate;
        this.policy = policy;
        this.replies = replies;
        this.absences = absences;
    }

    /** Extracts a part of a document; null if the document does not contain it. */
    @FunctionalInterface
    private interface Cut {
        byte @Nullable [] of(Parts.Text text) throws IOException;
    }

    /** @param form of the document that contains the manifest */
    void manifest(Target.Manifest wanted, PackumentForm form, boolean insisting, MirrorHandler.Taker taker) {
        part(
                wanted.name(),
                form,
                insisting,
                taker,
                decided -> refusedManifest(decided, wanted.version()),
                text -> Parts.manifest(text, wanted.version()),
                () -> "version not found: " + wanted.version());
    }

    void distTags(String name, boolean insisting, MirrorHandler.Taker taker) {
        part(
                name,
                PackumentForm.ABBREVIATED,
                insisting,
                taker,
                decided -> Optional.empty(),
                Parts::distTags,
                () -> "Not found");
    }

    /**
     * @param form the minimum form; a full document always yields the full part
     * @param refusal why the policy refuses the part
     */
    private void part(
            String name,
            PackumentForm form,
            boolean insisting,
            MirrorHandler.Taker taker,
            Function<MirrorPolicy.Decided, Optional<String>> refusal,
            Cut cut,
            Supplier<String> otherwise) {
        CompletableFuture<Response> made = new CompletableFuture<>();
        CompletableFuture<Response> unused = made.whenComplete(taker);
        gate.judge(name, form, insisting, made, judged -> {
            Optional<Document> found = judged.found();
            if (found.isPresent() && !found.get().answers(form)) {
                return absences.lesserForm(name);
            }
            PolicyGate.Text text =
                    found.isEmpty() ? null : gate.text(judged, found.get().form());
            if (text == null) {
                return absences.absent(name, found);
            }
            try (text) {
                MirrorPolicy.Decided decided = text.decided();
                Optional<String> refused = decided == null ? Optional.empty() : refusal.apply(decided);
                if (refused.isPresent()) {
                    return Responses.explained(403, refused.get());
                }
                byte[] part = cut.of(() -> replies.text(name, text.entry(), decided));
                return part == null ? Responses.error(404, otherwise.get()) : replies.part(part, cacheControl(decided));
            }
        });
    }

    private Optional<String> refusedManifest(MirrorPolicy.Decided decided, String versionOrTag) {
        VersionDecisions decisions = decided.decisions();
        String left = decisions.distTags().getOrDefault(versionOrTag, versionOrTag);
        String version = decisions.originalDistTags().getOrDefault(versionOrTag, left);
        boolean isFallback = decisions.distTags().containsKey(versionOrTag);
        return policy == null || isFallback || !decisions.has(version)
                ? Optional.empty()
                : policy.refusal(decided, version);
    }

    private String cacheControl(MirrorPolicy.@Nullable Decided decided) {
        MirrorPolicy.Stamp stamp = decided == null ? null : decided.stamp();
        return Responses.cacheControl(gate.maxAgeSeconds(stamp, replies.maxAgeSeconds()));
    }

    /** Responds with the policy's decision about each version. */
    void explanation(String name, MirrorHandler.Taker taker) {
        MirrorPolicy current = policy;
        if (current == null) {
            taker.accept(Responses.error(404, "This mirror has no policy"), null);
            return;
        }
        CompletableFuture<PolicyGate.Judged> judged = new CompletableFuture<>();
        CompletableFuture<Response> unused = judged.thenApply(what -> what.decided() == null
                        ? absences.absent(name, what.found())
                        : replies.part(current.explain(what.decided()).json(), "no-store"))
                .whenComplete((reply, error) ->
                        taker.accept(reply, error instanceof CompletionException ? error.getCause() : error));
        gate.explain(name, judged);
    }
}
