package io.alldocs.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheKey;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.NpmConfig;
import io.alldocs.http.RetryPolicy;
import io.alldocs.packument.PolicyFile;
import io.alldocs.worker.mirror.MirrorServer;
import io.alldocs.worker.mirror.MirrorServerBuilder;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Serves the packuments of a cache to npm clients until it is interrupted. */
@Command(
        name = "mirror",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Serves a cache as a read-only npm registry to npm, pnpm, yarn and other clients, until"
                    + " it is interrupted (Ctrl-C). Requests for tarballs are redirected to the registry.",
            "GET /-/health and /-/metrics (Prometheus) show its state."
        })
final class MirrorCommand implements Callable<Integer> {
    private static final URI NPM = URI.create("https://registry.npmjs.com");

    private final Map<String, String> environment;

    @Mixin
    private CacheOptions cacheOptions = new CacheOptions();

    @Option(
            names = "--registry",
            paramLabel = "URL",
            converter = Address.class,
            description = "Registry of the packuments. Default: NPM_REGISTRY, else that of .npmrc, else"
                    + " https://registry.npmjs.com; without --pull-through the one whose packuments are"
                    + " cached")
    private @Nullable URI registry;

    @Option(
            names = "--pull-through",
            description =
                    "Fetch from the registry what is not cached or no longer fresh, and store it. While the registry"
                            + " does not respond, serve what is cached. Credentials come from .npmrc or NPM_TOKEN.")
    private boolean pullThrough;

    @Mixin
    private FilterOptions filterOptions = new FilterOptions();

    @Option(
            names = "--policy",
            paramLabel = "FILE",
            description =
                    "File with the policy, such as min-age: 7d. Only versions that it allows are served; the mirror"
                            + " reads it again when it changes. Default: none, all versions")
    private @Nullable Path policy;

    @Option(
            names = "--rewrite-tarballs",
            paramLabel = "URL",
            converter = Address.class,
            description =
                    "Rewrite the addresses of tarballs to URL/NAME/-/NAME-VERSION.tgz; URL is this mirror's address"
                            + " as clients see it. Default: addresses are not rewritten.")
    private @Nullable URI tarballs;

    @Option(
            names = "--proxy-tarballs",
            description =
                    "Proxy tarballs with the credentials of .npmrc instead of redirecting to the registry, so that"
                            + " clients without credentials can install private packages. Use it with"
                            + " --rewrite-tarballs, and restrict access to the mirror.")
    private boolean proxyTarballs;

    @Option(
            names = "--tarball-host",
            paramLabel = "HOST[:PORT]",
            description =
                    "Another host whose tarballs --proxy-tarballs proxies. May be repeated. Default: none; clients"
                            + " are redirected to other public hosts.")
    private List<String> tarballHosts = List.of();

    @Option(
            names = "--host",
            paramLabel = "H",
            defaultValue = "127.0.0.1",
            description = "Address to listen on, 0.0.0.0 for all networks. Default: ${DEFAULT-VALUE}")
    private String host = "";

    @Option(
            names = "--port",
            paramLabel = "P",
            defaultValue = "4873",
            description = "Port to listen on, 0 for a free port. Default: ${DEFAULT-VALUE}")
    private int port;

    @Mixin
    private OutputOptions output = new OutputOptions();

    MirrorCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        UsageException.refuse(port < 0 || port > 65_535, "--port must be between 0 and 65535: " + port);
        String revision = policy == null ? null : policyRevision(policy);
        NpmConfig npmrc = Environment.npmConfig(environment);
        UsageException.refuse(!tarballHosts.isEmpty() && !proxyTarballs, "--tarball-host needs --proxy-tarballs");
        allowedHosts();
        try (Cache cache = pullThrough ? cacheOptions.open(environment) : cacheOptions.openExisting(environment)) {
            serve(cache, served(cache, npmrc), npmrc, revision);
            return ExitCode.COMPLETE;
        }
    }

    private void serve(Cache cache, URI served, NpmConfig npmrc, @Nullable String revision) {
        try (BaseHttpClient http = http(npmrc);
                MirrorServer mirror = start(cache, served, npmrc, http)) {
            announce(mirror, cache, served, revision);
            awaitInterrupt();
        }
    }

    /**
     * Returns the registry to serve. This is the registry of the option, or else that of the npm configuration. If the
     * cache only has packuments of another registry, and the mirror does not pull through, returns that other registry.
     */
    private URI served(Cache cache, NpmConfig npmrc) {
        if (registry != null) {
            return registry;
        }
        URI usual = npmrc.registry().orElse(NPM);
        return pullThrough || holds(cache, usual) ? usual : anyHeld(cache).orElse(usual);
    }

    private static String policyRevision(Path policy) {
        try {
            return PolicyFile.open(policy).policy().revision();
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()), e);
        }
    }

    /** Creates an HTTP client with few and short retries, because an npm client waits for each response. */
    private static BaseHttpClient http(NpmConfig npmrc) {
        return BaseHttpClient.builder()
                .npmConfig(npmrc)
                .retry(new RetryPolicy(2, Duration.ofMillis(200), Duration.ofSeconds(1)))
                .build();
    }

    // region mirror
    private MirrorServer start(Cache cache, URI served, NpmConfig npmrc, BaseHttpClient http) {
        MirrorServerBuilder builder =
                MirrorServer.builder().cache(cache).registry(served).host(host).port(port);
        builder.npmConfig(npmrc).filter(filterOptions.filter());
        if (pullThrough) {
            builder.pullThrough(http);
        }
        if (policy != null) {
            builder.policyFile(policy);
        }
        if (tarballs != null) {
            builder.rewriteTarballs(tarballs);
        }
        if (proxyTarballs) {
            builder.proxyTarballs(http).tarballHosts(allowedHosts());
        }
        return UsageException.unlessUsable(builder::start);
    }
    // endregion

    private List<String> allowedHosts() {
        try {
            MirrorServer.builder().tarballHosts(tarballHosts);
            return tarballHosts;
        } catch (IllegalArgumentException e) {
            throw new UsageException("--tarball-host: " + e.getMessage(), e);
        }
    }

    private void announce(MirrorServer mirror, Cache cache, URI served, @Nullable String policyRevision) {
        PrintWriter out = output.out();
        if (output.json()) {
            out.println(JsonNodeFactory.instance
                    .objectNode()
                    .put("url", mirror.address().toString())
                    .put("registry", served.toString())
                    .put("pullThrough", pullThrough)
                    .put("policy", policyRevision));
        } else if (!output.quiet()) {
            out.println(mirror.address() + " serves packuments of " + served + " from "
                    + cacheOptions.folder(environment) + " (" + cache.driver().name() + ")"
                    + (pullThrough ? ", and fetches missing ones." : "."));
            if (policyRevision != null) {
                out.println("The policy " + policy + " applies, revision " + policyRevision + ". " + mirror.address()
                        + "/-/policy/NAME explains it.");
            }
            out.println("npm config set registry " + mirror.address() + "/");
            out.println("Stop it with Ctrl-C.");
        }
        out.flush();
        if (!output.quiet() && !pullThrough) {
            warnIfNothingIsHeld(cache, served);
        }
    }

    /** Prints a warning if the cache has no packument of the registry. The usual cause is a mistake in an option. */
    private void warnIfNothingIsHeld(Cache cache, URI served) {
        if (holds(cache, served)) {
            return;
        }
        String others = anyHeld(cache)
                .map(origin -> " It contains packuments of " + origin + "; pass that address with --registry.")
                .orElse("");
        PrintWriter err = output.err();
        err.println("Warning: the cache contains no packument of " + served + "." + others);
        err.flush();
    }

    private static boolean holds(Cache cache, URI registry) {
        return first(cache, CacheKey.prefix(CacheKey.Kind.PACKUMENT, registry))
                .or(() -> first(cache, CacheKey.prefix(CacheKey.Kind.ABBREVIATED, registry)))
                .isPresent();
    }

    /** Returns a registry of which the cache has a packument. */
    private static Optional<URI> anyHeld(Cache cache) {
        return first(cache, "v1:packument:")
                .or(() -> first(cache, "v1:abbreviated:"))
                .flatMap(key -> CacheKey.parse(key).originAddress());
    }

    private static Optional<String> first(Cache cache, String prefix) {
        try (Stream<String> keys = cache.keys(prefix)) {
            return keys.findFirst();
        }
    }

    private static void awaitInterrupt() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            // The interrupt is the normal way to stop. The server completes in-flight responses, and the process ends.
        }
    }
}
