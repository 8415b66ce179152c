package io.alldocs.http;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Follows redirects as of RFC 9110 §15.4 and decides which headers are kept. */
final class Redirects {

    private Redirects() {}

    static boolean isRedirect(int status) {
        return switch (status) {
            case 301, 302, 303, 307, 308 -> true;
            default -> false;
        };
    }

    /**
     * Returns the request to send next, without credentials and the caller's own headers if it goes to another origin.
     */
    static ClientRequest next(ClientRequest hop, ClientResponse reply) throws FaultException {
        Optional<String> location = reply.headers().firstValue("location");
        if (location.isEmpty()) {
            throw refused(hop, reply, "no Location");
        }
        URI target = resolve(hop, reply, location.get());
        Map<String, String> headers = new TreeMap<>(hop.headers());
        if (!Origins.same(hop.uri(), target)) {
            headers.keySet().retainAll(Headers.SAFE_ACROSS_ORIGINS);
        }
        boolean becomesGet = becomesGet(hop.method(), reply.status());
        if (becomesGet) {
            headers.remove("content-type");
        }
        return new ClientRequest(
                becomesGet ? "GET" : hop.method(),
                target,
                headers,
                becomesGet ? null : hop.body(),
                hop.accepted(),
                hop.timeout(),
                hop.repeatable());
    }

    private static boolean becomesGet(String method, int status) {
        return switch (status) {
            case 303 -> !method.equals("HEAD");
            case 301, 302 -> method.equals("POST");
            default -> false;
        };
    }

    private static URI resolve(ClientRequest hop, ClientResponse reply, String location) throws FaultException {
        URI target;
        try {
            target = withoutFragment(hop.uri().resolve(new URI(escaped(location.strip()))));
            Origins.requireHttp(target);
        } catch (URISyntaxException | IllegalArgumentException e) {
            // The cause is omitted because its message repeats the address as received, including secrets.
            throw refused(hop, reply, "unusable Location " + location);
        }
        if (Origins.scheme(hop.uri()).equals("https") && Origins.scheme(target).equals("http")) {
            throw refused(hop, reply, "from https to " + Redaction.uri(target));
        }
        return target;
    }

    private static URI withoutFragment(URI uri) throws URISyntaxException {
        String text = uri.toString();
        int fragment = text.indexOf('#');
        return fragment < 0 ? uri : new URI(text.substring(0, fragment));
    }

    /**
     * Escapes spaces, quotes and UTF-8 in a Location. Servers send them unescaped, and {@link URI} accepts none of
     * them.
     */
    private static String escaped(String location) {
        StringBuilder text = new StringBuilder(location.length());
        for (byte b : location.getBytes(StandardCharsets.UTF_8)) {
            if (b <= ' ' || "\"<>\\^`{|}".indexOf(b) >= 0) {
                text.append('%').append(String.format("%02X", b));
            } else {
                text.append((char) b);
            }
        }
        return text.toString();
    }

    private static FaultException refused(ClientRequest hop, ClientResponse reply, String detail) {
        return unfollowed(FailureKind.REDIRECT_REFUSED, hop, reply.status(), detail);
    }

    /**
     * @param hop the request that would repeat an earlier one, or exceed the limit of redirects
     * @param status of the last redirect
     */
    static FaultException loop(ClientRequest hop, int status) {
        return unfollowed(FailureKind.REDIRECT_LOOP, hop, status, "");
    }

    private static FaultException unfollowed(FailureKind fault, ClientRequest hop, int status, String detail) {
        return new FaultException(fault, hop, status, Optional.empty(), detail, new RedirectException(fault.when));
    }
}
