package io.alldocs.http;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Says which Authorization header value, if any, belongs to an address. Implementations are safe for concurrent use and
 * print no secret from {@code toString()}.
 *
 * <p>{@link BaseHttpClient} sends the value over https, or to this machine; over plain http to another host only if
 * told so.
 */
@FunctionalInterface
public interface Credentials {
    Credentials NONE = uri -> Optional.empty();

    /** The whole value of the Authorization header for {@code uri}, scheme name included; empty when there is none. */
    Optional<String> authorizationFor(URI uri);

    /**
     * {@code Bearer token} for every address of {@code origin}'s scheme, host and port at or below its path.
     *
     * @throws IllegalArgumentException if the origin is not an http or https address, or the token is empty or cannot
     *     be sent in a header
     */
    static Credentials bearer(URI origin, String token) {
        return new OriginCredentials(origin, "Bearer " + OriginCredentials.requireSecret("token", token));
    }

    /**
     * {@code Basic} credentials for every address of {@code origin}'s scheme, host and port at or below its path.
     *
     * @throws IllegalArgumentException if the origin is not an http or https address, or the user name is empty or has
     *     a colon
     */
    static Credentials basic(URI origin, String user, String password) {
        if (user.isEmpty() || user.indexOf(':') >= 0) {
            throw new IllegalArgumentException("A user name must not be empty and must not have a colon.");
        }
        byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
        return new OriginCredentials(origin, "Basic " + Base64.getEncoder().encodeToString(pair));
    }

    /**
     * For builders of clients of one API, which send it a secret: refuses an address that must not get one.
     *
     * @return {@code endpoint}
     * @throws IllegalArgumentException when it is not https, and not http on this machine, or carries a user, a query
     *     or a fragment; the message does not repeat it
     */
    static URI requireSafe(URI endpoint) {
        boolean safe = endpoint.getHost() != null && Origins.isSafe(endpoint);
        boolean plain = endpoint.getRawUserInfo() == null
                && endpoint.getRawQuery() == null
                && endpoint.getRawFragment() == null;
        if (!safe || !plain) {
            throw new IllegalArgumentException("The endpoint must be an https address (http only on this machine),"
                    + " without user, query and fragment: the token goes there");
        }
        return endpoint;
    }

    /** Asks one after the other; the first that knows the address answers. */
    static Credentials firstOf(Credentials... sources) {
        List<Credentials> all = List.of(sources);
        return uri ->
                all.stream().flatMap(c -> c.authorizationFor(uri).stream()).findFirst();
    }
}
