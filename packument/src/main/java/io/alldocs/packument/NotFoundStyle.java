package io.alldocs.packument;

import io.alldocs.http.HttpReply;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;

/**
 * How a registry says 404, as one request for a name that cannot exist tells: registries in JSON, static file servers with a page. A page that differs is not
 * the registry's.
 *
 * @param json whether it was JSON
 * @param contentType of the page
 * @param server the header of that name
 */
record NotFoundStyle(boolean json, Optional<String> contentType, Optional<String> server) {
    private static final SecureRandom RANDOM = new SecureRandom();

    static NotFoundStyle of(HttpReply reply, boolean json) {
        return new NotFoundStyle(json, header(reply, "content-type"), header(reply, "server"));
    }

    /** A name that nobody has published: a prefix that tells the registry's operators who asks, and 12 random bytes. */
    static String impossibleName() {
        byte[] random = new byte[12];
        RANDOM.nextBytes(random);
        return "all-docs-probe-" + HexFormat.of().formatHex(random);
    }

    /** Whether {@code page}, a 404 that is not JSON, is one of this registry's. */
    boolean isOf(HttpReply page) {
        return !json && of(page, false).equals(this);
    }

    private static Optional<String> header(HttpReply reply, String name) {
        return reply.headers().firstValue(name);
    }
}
