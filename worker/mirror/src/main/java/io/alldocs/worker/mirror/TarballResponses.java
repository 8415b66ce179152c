package io.alldocs.worker.mirror;

import io.alldocs.cache.CacheEntry;
import io.alldocs.packument.PackumentForm;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Responds to requests for tarballs. It finds the address in the packument, applies the policy to the version, then
 * redirects the client or streams the tarball. Safe for concurrent use.
 */
final class TarballResponses {
    private final Documents documents;
    private final PolicyGate gate;
    private final @Nullable MirrorPolicy policy;
    private final PolicyGate.Resolver resolver;
    private final Executor storeThreads;
    private final TarballLookup lookup;
    private final @Nullable TarballProxy proxy;

    TarballResponses(
            MirrorServerBuilder builder,
            MirrorListener listener,
            Documents documents,
            PolicyGate gate,
            @Nullable MirrorPolicy policy,
            PolicyGate.Resolver resolver,
            Executor storeThreads,
            Executor tarballThreads) {
        this.documents = documents;
        this.gate = gate;
        this.policy = policy;
        this.resolver = resolver;
        this.storeThreads = storeThreads;
        this.lookup = new TarballLookup(builder.registry, builder.tarballBase != null);
        this.proxy = builder.proxyTarballs
                ? new TarballProxy(
                        documents.http(),
                        new TarballHosts(builder.registry, builder.tarballHosts, builder.resolver),
                        tarballThreads,
                        builder.transfers,
                        listener)
                : null;
    }

    /**
     * The result of a lookup.
     *
     * @param found the address; null if the packument does not contain it
     * @param otherwise the response in that case
     * @param recent whether the packument was confirmed so recently that another request would return the same
     */
    private record TarballPlace(TarballLookup.@Nullable Found found, Response otherwise, boolean recent) {}

    /** Returns the number of requests that wait for other transfers to end. */
    int waiting() {
        return proxy == null ? 0 : proxy.waiting();
    }

    /** Responds to a request for {@code part} of a tarball. */
    void find(Target.Tarball wanted, TarballProxy.Part part, MirrorHandler.Taker taker) {
        CompletableFuture<TarballPlace> held = new CompletableFuture<>();
        MirrorHandler.guard(
                held,
                storeThreads,
                () -> held.complete(place(wanted, documents.held(wanted.name(), PackumentForm.ABBREVIATED))));
        CompletableFuture<Void> unused = held.thenCompose(first -> {
                    if (first.found() != null || first.recent() || !documents.asksFor(wanted.name())) {
                        return CompletableFuture.completedFuture(first);
                    }
                    // A lockfile may name a version newer than the cached packument, or a package that is not cached
                    // yet.
                    CompletableFuture<TarballPlace> asked = new CompletableFuture<>();
                    resolver.resolve(
                            wanted.name(), PackumentForm.ABBREVIATED, true, asked, found -> place(wanted, found));
                    return asked;
                })
                .handle((last, error) -> {
                    if (error != null) {
                        taker.accept(null, error instanceof CompletionException ? error.getCause() : error);
                    } else if (last.found() == null) {
                        taker.accept(last.otherwise(), null);
                    } else {
                        giveIfAllowed(wanted.name(), last.found(), part, taker);
                    }
                    return null;
                });
    }

    private void giveIfAllowed(
            String name, TarballLookup.Found found, TarballProxy.Part part, MirrorHandler.Taker taker) {
        MirrorPolicy current = policy;
        if (current == null) {
            give(name, found, part, taker);
            return;
        }
        CompletableFuture<Optional<Response>> refusal = new CompletableFuture<>();
        CompletableFuture<Optional<Response>> unused = refusal.whenComplete((refused, error) -> {
            if (error != null) {
                taker.accept(null, error);
            } else if (refused.isPresent()) {
                taker.accept(refused.get(), null);
            } else {
                give(name, found, part, taker);
            }
        });
        gate.judge(name, PackumentForm.ABBREVIATED, false, refusal, judged -> {
            MirrorPolicy.Decided decided = gate.decided(judged);
            return decided == null
                    ? Optional.of(absent(name, judged.found()))
                    : current.refusal(decided, found.version()).map(why -> Responses.explained(403, why));
        });
    }

    private void give(String name, TarballLookup.Found found, TarballProxy.Part part, MirrorHandler.Taker taker) {
        if (proxy == null) {
            taker.accept(Responses.redirect(found.address()), null);
        } else {
            CompletableFuture<Response> unused = proxy.open(name, found, part).whenComplete(taker);
        }
    }

    private TarballPlace place(Target.Tarball wanted, Optional<Document> held) throws IOException {
        if (held.isEmpty()) {
            Response absent = Responses.error(404, "This mirror has no packument of " + wanted.name());
            return new TarballPlace(null, absent, /* recent= */ false);
        }
        Document document = held.get();
        boolean recent = documents.isRecent(document, PackumentResponses.HOLD_OFF);
        CacheEntry entry = documents.entry(document, PackumentForm.ABBREVIATED);
        if (entry == null) {
            Response absent =
                    Responses.absent(document.outcome(), document.head().status());
            return new TarballPlace(null, absent, recent);
        }
        Response unknown = Responses.error(
                404, "The packument of " + wanted.name() + " does not list the tarball " + wanted.file());
        try (entry) {
            return new TarballPlace(lookup.find(wanted, document, () -> entry).orElse(null), unknown, recent);
        }
    }

    private static Response absent(String name, Optional<Document> found) {
        return found.map(document ->
                        Responses.absent(document.outcome(), document.head().status()))
                .orElseGet(() -> Responses.error(404, "This mirror has no packument of " + name));
    }
}
