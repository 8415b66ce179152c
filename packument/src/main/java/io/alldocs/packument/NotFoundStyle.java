package io.alldocs.packument;

import io.alldocs.http.ClientResponse;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;

/**
 * How a registry responds with 404, determined by one request for a name that cannot exist. Registries send JSON;
 * static file servers send a page. A 404 page with other properties does not come from the registry.
 *
 * @param json whether the body was JSON
 * @param contentType value of the Content-Type header
 * @param server value of the Server header
 */
record NotFoundStyle(boolean json, Optional<String> contentType, Optional<String> server) {
    private static final SecureRandom RANDOM = new SecureRandom();

    static NotFoundStyle of(ClientResponse reply, boolean json) {
        return new NotFoundStyle(json, header(reply, "content-type"), header(reply, "server"));
    }

    /**
     * Returns a name of an unpublished package. It consists of a prefix that identifies this client to the registry's
     * operators, and of 12 random bytes.
     */
    static String impossibleName() {
        byte[] random = new byte[12];
        RANDOM.nextBytes(random);
        return "all-docs-probe-" + HexFormat.of().formatHex(random);
    }

    /** Returns whether {@code page}, a 404 that is not JSON, is from this registry. */
    boolean isOf(ClientResponse page) {
        return !json && of(page, false).equals(this);
    }

    private static Optional<String> header(ClientResponse reply, String name) {
        return reply.headers().firstValue(name);
    }
}
