package io.alldocs.http;

import java.net.URI;
import java.util.Optional;

/** One Authorization value for all addresses of one origin at or below its path. */
final class OriginCredentials implements Credentials {

    private final URI origin;
    private final String authorization;

    OriginCredentials(URI origin, String authorization) {
        Origins.requireHttp(origin);
        this.origin = origin;
        this.authorization = authorization;
    }

    static String requireSecret(String what, String secret) {
        if (secret.isBlank() || !Headers.isValue(secret)) {
            throw new IllegalArgumentException(
                    "The " + what + " is empty or contains characters that are not allowed in an HTTP header.");
        }
        return secret;
    }

    @Override
    public Optional<String> authorizationFor(URI uri) {
        return Origins.same(origin, uri) && isBelow(path(origin), path(uri))
                ? Optional.of(authorization)
                : Optional.empty();
    }

    /** Shows the origin of the credentials, never their value. */
    @Override
    public String toString() {
        return "Credentials[" + Redaction.uri(origin) + "]";
    }

    private static boolean isBelow(String parent, String path) {
        return path.startsWith(parent)
                && (parent.endsWith("/") || path.length() == parent.length() || path.charAt(parent.length()) == '/');
    }

    private static String path(URI uri) {
        String path = uri.normalize().getRawPath();
        return path == null || path.isEmpty() ? "/" : path;
    }
}
