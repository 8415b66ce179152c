package io.alldocs.worker.internal.server;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads requests, and checks token, origin and size of those that change something. Safe for concurrent use. */
public final class RequestReader {
    private final byte @Nullable [] token;
    private final int maxBodyBytes;

    public RequestReader(@Nullable String token, int maxBodyBytes) {
        this.token = token == null ? null : token.getBytes(StandardCharsets.UTF_8);
        this.maxBodyBytes = maxBodyBytes;
    }

    /** Returns the body of a request that may change something; otherwise throws the response. */
    public byte[] permittedBody(HttpExchange exchange) throws IOException {
        requireToken(exchange);
        requireSameSite(exchange);
        return body(exchange);
    }

    private void requireToken(HttpExchange exchange) {
        if (token == null) {
            return;
        }
        String given = Optional.ofNullable(exchange.getRequestHeaders().getFirst("authorization"))
                .orElse("");
        boolean bearer = given.regionMatches(true, 0, "Bearer ", 0, 7);
        byte[] offered = (bearer ? given.substring(7).strip() : "").getBytes(StandardCharsets.UTF_8);
        if (!MessageDigest.isEqual(token, offered)) {
            throw new Refusal(
                    401,
                    Map.of("www-authenticate", "Bearer realm=\"all-docs\""),
                    bearer ? "The token is wrong." : "A token is required, in the header authorization: Bearer …");
        }
    }

    /** Rejects cross-site requests, such as from a web page open in a browser on this machine. */
    private static void requireSameSite(HttpExchange exchange) {
        String site = exchange.getRequestHeaders().getFirst("sec-fetch-site");
        String origin = exchange.getRequestHeaders().getFirst("origin");
        String host = exchange.getRequestHeaders().getFirst("host");
        boolean elsewhere =
                origin != null && !origin.replaceFirst("^https?://", "").equals(host);
        if (elsewhere || "cross-site".equals(site)) {
            throw new Refusal(403, "Requests from web pages of other sites are refused.");
        }
    }

    private byte[] body(HttpExchange exchange) throws IOException {
        String declared = exchange.getRequestHeaders().getFirst("content-length");
        boolean tooLong = declared != null && declared.length() > 18;
        if (!tooLong && (declared == null || Long.parseLong(declared) <= maxBodyBytes)) {
            InputStream in = exchange.getRequestBody();
            byte[] body = in.readNBytes(maxBodyBytes + 1);
            if (body.length <= maxBodyBytes) {
                return body;
            }
        }
        throw new Refusal(
                413,
                Map.of("connection", "close"),
                "The request body is larger than the limit of " + maxBodyBytes + " bytes.");
    }

    public static Map<String, String> headers(HttpExchange exchange) {
        Map<String, String> headers = new HashMap<>();
        exchange.getRequestHeaders().forEach((name, values) -> {
            if (!values.isEmpty()) {
                headers.putIfAbsent(name.toLowerCase(Locale.ROOT), values.get(0));
            }
        });
        return headers;
    }

    /** Decodes query parameters; the JDK's server has already rejected what cannot be decoded. */
    public static Map<String, String> query(@Nullable String raw) {
        Map<String, String> query = new HashMap<>();
        for (String pair : raw == null ? new String[0] : raw.split("&", -1)) {
            int equals = pair.indexOf('=');
            query.put(
                    URLDecoder.decode(equals < 0 ? pair : pair.substring(0, equals), StandardCharsets.UTF_8),
                    equals < 0 ? "" : URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
        }
        return query;
    }
}
