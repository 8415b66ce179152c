package io.alldocs.worker.mirror;

import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.ClientRequest;
import io.alldocs.http.ClientResponse;
import io.alldocs.http.NpmConfig;
import io.alldocs.packument.NameFilter;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/**
 * The registry behind the mirror, for requests that are forwarded unchanged: audits, keys and attestations. Their
 * responses are not stored. Safe for concurrent use; blocks.
 */
final class Registry {
    /** Maximum size of a response; npm's responses to the largest audits have a few hundred kilobytes. */
    private static final int LARGEST_ANSWER_BYTES = 8 << 20;

    private static final Integer[] ANSWERS = {400, 403, 404, 405, 410, 413, 422, 451, 501};

    private final BaseHttpClient http;
    private final String base;
    private final NameFilter filter;
    private final NpmConfig npmConfig;
    private final Responses replies;

    Registry(MirrorServerBuilder builder, BaseHttpClient http, Responses replies) {
        this.http = http;
        this.base = TarballAddresses.withoutSlash(builder.registry.toString());
        this.filter = builder.filter;
        this.npmConfig = builder.npmConfig;
        this.replies = replies;
    }

    /**
     * Returns whether a package may be named to the registry: the filter allows it, and its scope has no other
     * registry.
     */
    boolean isAskedOf(String name) {
        return filter.allows(name) && !isElsewhere(name, npmConfig, base);
    }

    /** Returns whether the npm configuration names another registry for the scope of {@code name}. */
    static boolean isElsewhere(String name, NpmConfig config, String registry) {
        int slash = name.indexOf('/');
        String scope = slash < 0 ? name : name.substring(0, slash);
        Optional<URI> own = scope.startsWith("@") ? config.registryForScope(scope) : Optional.empty();
        return own.isPresent()
                && !TarballAddresses.withoutSlash(own.get().toString()).equals(TarballAddresses.withoutSlash(registry));
    }

    /** @param path of the registry's API, with a leading slash */
    Response get(String path) throws IOException {
        return send(ClientRequest.get(URI.create(base + path)));
    }

    /**
     * Forwards an audit.
     *
     * @param gzip whether the body is compressed
     * @throws Audit.UnreadableException if the body is not an audit
     */
    Response audit(String path, byte[] body, boolean gzip) throws IOException {
        Optional<byte[]> wanted = Audit.forRegistry(body, gzip, this::isAskedOf);
        if (wanted.isEmpty()) {
            return Responses.text("application/json", path.endsWith("/bulk") ? "{}" : NOTHING_FOUND);
        }
        ClientRequest call = ClientRequest.post(URI.create(base + path), wanted.get())
                .withHeader("content-type", "application/json")
                .asRepeatable();
        return send(call);
    }

    /** npm's response to an audit without findings. */
    private static final String NOTHING_FOUND =
            "{\"actions\":[],\"advisories\":{},\"muted\":[],\"metadata\":{\"vulnerabilities\":"
                    + "{\"info\":0,\"low\":0,\"moderate\":0,\"high\":0,\"critical\":0},\"dependencies\":0,\"devDependencies\":0,"
                    + "\"optionalDependencies\":0,\"totalDependencies\":0}}";

    private Response send(ClientRequest call) throws IOException {
        ClientRequest prepared = call.withHeader("accept", "application/json")
                .withHeader("accept-encoding", "identity")
                .accepting(ANSWERS);
        ClientResponse reply = http.open(prepared, (address, redirected) -> {
            if (redirected) {
                throw new TarballHosts.RefusedException(
                        "The registry redirected the request, and the mirror does not follow the redirect");
            }
        });
        try (InputStream body = reply.body()) {
            if (reply.status() >= 300) {
                return Responses.error(
                        reply.status() < 400 ? 502 : reply.status(), "The registry returned status " + reply.status());
            }
            boolean gzip = reply.headers()
                    .firstValue("content-encoding")
                    .filter(coding -> coding.endsWith("gzip"))
                    .isPresent();
            byte[] text = (gzip ? new GZIPInputStream(body) : body).readNBytes(LARGEST_ANSWER_BYTES + 1);
            return text.length > LARGEST_ANSWER_BYTES
                    ? Responses.error(
                            502,
                            "The response of the registry is larger than the limit of " + LARGEST_ANSWER_BYTES
                                    + " bytes")
                    : replies.uncached(text);
        }
    }
}
