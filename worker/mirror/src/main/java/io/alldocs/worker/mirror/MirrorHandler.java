package io.alldocs.worker.mirror;

import io.alldocs.cache.metrics.MetricsPage;
import io.alldocs.http.ClientRequest;
import io.alldocs.http.JdkTransport;
import io.alldocs.packument.NameFilter;
import io.alldocs.packument.PackageName;
import io.alldocs.packument.PackumentForm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Finds the response to a request. Slow work runs in other threads than the caller's. Safe for concurrent use. */
final class MirrorHandler implements AutoCloseable {
    private final Documents documents;
    private final Responses replies;
    private final AllDocsListing names;
    private final ResponseCache responseCache;
    private final @Nullable MirrorMetrics metrics;
    private final MirrorThreads threads;
    private final boolean pullThrough;
    private final NameFilter filter;
    private final TarballResponses tarballs;
    private final @Nullable MirrorPolicy policy;
    private final PolicyGate gate;
    private final PartResponses parts;
    private final Registry registry;

    /** @param metrics null if no module on the class path writes them */
    MirrorHandler(
            MirrorServerBuilder builder,
            @Nullable MirrorMetrics metrics,
            MirrorListener listener,
            MirrorThreads threads) {
        this.metrics = metrics;
        this.threads = threads;
        this.pullThrough = builder.pullThrough;
        this.filter = builder.filter;
        this.policy = builder.policy(listener);
        this.documents = new Documents(builder, listener);
        this.names = new AllDocsListing(builder.cache(), builder.registry, filter, builder.nanoTime);
        this.gate = new PolicyGate(policy, documents, listener, this::resolve);
        this.tarballs = new TarballResponses(
                builder, listener, documents, gate, policy, this::resolve, threads.stores(), threads.tarballs());
        // Twice the memory, because responses that were evicted from responseCache may still be in transit to slow
        // clients.
        this.replies = new Responses(
                2 * builder.memoryBytes,
                ResponseCache.largestBytes(builder.memoryBytes),
                builder.clientMaxAge,
                builder.tarballBase == null ? null : new TarballAddresses(builder.tarballBase));
        NotFoundReasons absences = new NotFoundReasons(documents, pullThrough);
        this.responseCache = new ResponseCache(
                builder.memoryBytes,
                builder.nanoTime,
                builder.cache().clock(),
                new PackumentResponses(gate, policy, replies, absences, listener, builder.recheckAfter),
                listener);
        this.parts = new PartResponses(gate, policy, replies, absences);
        this.registry = new Registry(builder, documents.http(), replies);
    }

    /** Receives a response, retained for it, or an error, in the caller's thread or another. */
    interface Taker extends BiConsumer<@Nullable Response, @Nullable Throwable> {}

    /**
     * Finds the response for {@code target}.
     *
     * @param insisting whether the client rejects copies that the registry has not confirmed
     * @param part of a tarball
     */
    void find(Target target, PackumentForm form, boolean gzip, boolean insisting, TarballProxy.Part part, Taker taker) {
        if (target instanceof Target.OfPackage wanted && !filter.allows(wanted.name())) {
            taker.accept(Responses.error(403, "This mirror does not serve " + wanted.name()), null);
        } else if (target instanceof Target.Packument packument) {
            String revision = policy == null ? "" : policy.revision();
            packument(new ResponseCache.Key(packument.name(), form, gzip, pullThrough && insisting, revision), taker);
        } else if (target instanceof Target.Manifest manifest) {
            parts.manifest(manifest, form, pullThrough && insisting, taker);
        } else if (target instanceof Target.DistTags tags) {
            parts.distTags(tags.name(), pullThrough && insisting, taker);
        } else if (target instanceof Target.Policy explained) {
            parts.explanation(explained.name(), taker);
        } else if (target instanceof Target.Tarball tarball) {
            tarballs.find(tarball, part, taker);
        } else if (target instanceof Target.Keys) {
            passOn(() -> registry.get(Target.Keys.PATH), taker);
        } else if (target instanceof Target.Attestations attestations) {
            attestations(attestations, taker);
        } else if (target instanceof Target.AllDocs allDocs) {
            allDocs(allDocs.query(), taker);
        } else {
            taker.accept(atOnce(target), null);
        }
    }

    /** Responds to an audit. Only the names that may be sent to the registry are forwarded. */
    void audit(Target.SecurityAudit target, byte[] body, boolean gzip, Taker taker) {
        passOn(() -> registry.audit(target.path(), body, gzip), taker);
    }

    private void attestations(Target.Attestations wanted, Taker taker) {
        if (!registry.isAskedOf(wanted.name())) {
            taker.accept(Responses.error(404, "The scope of " + wanted.name() + " has another registry"), null);
            return;
        }
        String spec = PackageName.urlPath(wanted.name()).substring(1) + '@' + ClientRequest.encoded(wanted.version());
        passOn(() -> registry.get(Target.Attestations.PATH + spec), taker);
    }

    private interface Passing {
        Response on() throws IOException;
    }

    /**
     * Forwards a request to the registry. Without pull-through, the response is neither 405 nor 5xx: clients
     * distinguish 404 from a broken registry.
     */
    private void passOn(Passing passing, Taker taker) {
        if (!pullThrough) {
            String why = "This mirror runs without --pull-through, so it has no audits, keys and attestations";
            taker.accept(Responses.error(404, why), null);
            return;
        }
        CompletableFuture<Response> passed = new CompletableFuture<>();
        CompletableFuture<Response> unused = passed.whenComplete(taker);
        guard(passed, threads.passing(), () -> passed.complete(passing.on()));
    }

    /**
     * Responds with the metrics. They are written in a thread of the store's, since the first page loads a library.
     *
     * @param accept value of the {@code Accept} header, or null
     */
    void metrics(@Nullable String accept, Supplier<MirrorStatus> status, Taker taker) {
        MirrorMetrics counts = metrics;
        CompletableFuture<Response> made = new CompletableFuture<>();
        CompletableFuture<Response> unused = made.whenComplete(taker);
        if (counts == null) {
            made.complete(Responses.error(404, MetricsPage.MISSING));
            return;
        }
        guard(
                made,
                threads.stores(),
                () -> made.complete(MetricsPage.of(() -> counts.metrics(status), accept)
                        .map(page ->
                                Responses.text(page.contentType(), new String(page.body(), StandardCharsets.UTF_8)))
                        .orElseGet(() -> Responses.error(404, MetricsPage.MISSING))));
    }

    /** Returns the status, given the numbers that the server counts. */
    MirrorStatus status(int connections, int requests) {
        return new MirrorStatus(
                connections,
                requests,
                replies.usedBytes(),
                responseCache.weightedBytes(),
                tarballs.waiting(),
                policy == null ? Optional.empty() : policy.isFileCurrent());
    }

    private Response atOnce(Target target) {
        if (target instanceof Target.SecurityAudit) {
            return Responses.error(405, "Send an audit with POST", "allow", "POST");
        }
        if (target instanceof Target.Ping) {
            return Responses.text("application/json", "{}");
        }
        if (target instanceof Target.Health) {
            int stuck = JdkTransport.stuckThreads();
            return stuck < JdkTransport.MAX_STUCK_THREADS
                    ? Responses.text("application/json", "{\"status\":\"ok\"}")
                    : Responses.error(503, stuck + " threads of the JDK's HTTP client hang. Restart this process.");
        }
        if (target instanceof Target.Root) {
            return Responses.text("application/json", "{\"db_name\":\"registry\"}");
        }
        return Responses.error(404, target instanceof Target.Unknown unknown ? unknown.why() : "Not found");
    }

    private void packument(ResponseCache.Key key, Taker taker) {
        Response reply = key.insisting() ? null : responseCache.getIfFresh(key);
        if (reply != null) {
            taker.accept(reply, null);
        } else {
            responseCache.get(key, taker);
        }
    }

    private <T> void resolve(
            String name,
            PackumentForm form,
            boolean insisting,
            CompletableFuture<T> made,
            PolicyGate.Making<T> making) {
        guard(made, threads.stores(), () -> {
            Optional<Document> held = documents.held(name, form);
            if (documents.isDue(name, held, form, insisting)) {
                guard(made, threads.upstream(), () -> {
                    T value = making.of(Optional.of(documents.pulled(name, form, held, insisting)));
                    made.complete(value);
                });
            } else {
                made.complete(making.of(held));
            }
        });
    }

    interface Task {
        void run() throws IOException;
    }

    /** Runs {@code task} in {@code executor}; a failure completes {@code made}. */
    static void guard(CompletableFuture<?> made, Executor executor, Task task) {
        try {
            executor.execute(() -> {
                try {
                    task.run();
                } catch (IOException | RuntimeException | Error e) {
                    made.completeExceptionally(e);
                }
            });
        } catch (RuntimeException e) {
            made.completeExceptionally(e);
        }
    }

    private void allDocs(String query, Taker taker) {
        CompletableFuture<Response> made = new CompletableFuture<>();
        CompletableFuture<Response> unused = made.whenComplete(taker);
        AllDocsListing.Range range;
        try {
            range = AllDocsListing.Range.parse(query);
        } catch (IllegalArgumentException e) {
            made.complete(Responses.error(400, String.valueOf(e.getMessage())));
            return;
        }
        guard(made, threads.names(), () -> made.complete(replies.part(names.page(range))));
    }

    /** Returns the policy, or null if all versions are served. */
    @Nullable
    MirrorPolicy policy() {
        return policy;
    }

    @Override
    public void close() {
        responseCache.clear();
        documents.close();
    }
}
