package io.alldocs.http;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The secrets that the requests of one call contain, in every form in which a response may echo them. Used by one
 * thread.
 */
final class SentSecrets {

    /** Shorter secrets are not masked, because masking them would destroy ordinary text. */
    private static final int SHORTEST_SECRET = 4;

    private final String traceHeader;
    private final Collection<String> proxyAuthorizations;
    private final Set<String> secrets = new LinkedHashSet<>();

    /** @param proxyAuthorizations values of the header with which the transport logs in to proxies */
    SentSecrets(String traceHeader, Collection<String> proxyAuthorizations) {
        this.traceHeader = traceHeader;
        this.proxyAuthorizations = proxyAuthorizations;
    }

    /** Adds each header of the request that is not sent to another origin. */
    void add(ClientRequest sent) {
        sent.headers().forEach((name, value) -> {
            if (!Headers.SAFE_ACROSS_ORIGINS.contains(name) && !name.equalsIgnoreCase(traceHeader)) {
                add(value);
                add(value.substring(value.indexOf(' ') + 1));
            }
        });
        addPassword(sent.headers().getOrDefault(Headers.AUTHORIZATION, ""));
    }

    /** Returns the secrets that were sent, including proxy passwords. */
    Set<String> all() {
        for (String authorization : proxyAuthorizations) {
            add(authorization.substring(authorization.indexOf(' ') + 1));
            addPassword(authorization);
        }
        return secrets;
    }

    private void addPassword(String authorization) {
        if (authorization.startsWith("Basic ")) {
            String pair = decoded(authorization.substring("Basic ".length()));
            add(pair);
            add(pair.substring(pair.indexOf(':') + 1));
        }
    }

    private void add(String value) {
        if (value.length() >= SHORTEST_SECRET) {
            secrets.add(value);
        }
    }

    private static String decoded(String base64) {
        try {
            return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return base64;
        }
    }
}
