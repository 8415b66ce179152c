package io.alldocs.http;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Provides the Authorization header value for an address. Implementations are safe for concurrent use, and their
 * {@code toString()} contains no secret.
 *
 * <p>{@link BaseHttpClient} sends the value over https or to this machine. It sends the value over plain http to
 * another host only if that was enabled explicitly.
 */
@FunctionalInterface
public interface Credentials {
    Credentials NONE = uri -> Optional.empty();

    /**
     * Returns the complete value of the Authorization header for {@code uri}, including the scheme name; empty if there
     * is none.
     */
    Optional<String> authorizationFor(URI uri);

    /**
     * Returns {@code Bearer token} for every address with {@code origin}'s scheme, host and port, at or below its path.
     *
     * @throws IllegalArgumentException if the origin is not an http or https address, or the token is empty or cannot
     *     be sent in a header
     */
    static Credentials bearer(URI origin, String token) {
        return new OriginCredentials(origin, "Bearer " + OriginCredentials.requireSecret("token", token));
    }

    /**
     * Returns {@code Basic} credentials for every address with {@code origin}'s scheme, host and port, at or below its
     * path.
     *
     * @throws IllegalArgumentException if the origin is not an http or https address, or the user name is empty or
     *     contains a colon
     */
    static Credentials basic(URI origin, String user, String password) {
        if (user.isEmpty() || user.indexOf(':') >= 0) {
            throw new IllegalArgumentException("The user name must not be empty and must not contain a colon.");
        }
        byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
        return new OriginCredentials(origin, "Basic " + Base64.getEncoder().encodeToString(pair));
    }

    /**
     * Checks that secrets may be sent to {@code endpoint}. For builders of clients that send a secret to one API.
     *
     * @return {@code endpoint}
     * @throws IllegalArgumentException if it is neither https nor http on this machine, or has user information, a
     *     query or a fragment. The message does not contain it
     */
    static URI requireSafe(URI endpoint) {
        boolean safe = endpoint.getHost() != null && Origins.isSafe(endpoint);
        boolean plain = endpoint.getRawUserInfo() == null
                && endpoint.getRawQuery() == null
                && endpoint.getRawFragment() == null;
        if (!safe || !plain) {
            throw new IllegalArgumentException("The endpoint must be an https address (http only on this machine)"
                    + " without user, query and fragment, because it receives the token.");
        }
        return endpoint;
    }

    /** Returns credentials that query the {@code sources} in order and use the first value found. */
    static Credentials firstOf(Credentials... sources) {
        List<Credentials> all = List.of(sources);
        return uri ->
                all.stream().flatMap(c -> c.authorizationFor(uri).stream()).findFirst();
    }
}
