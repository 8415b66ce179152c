package io.alldocs.partition;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.RequestOptions;
import io.alldocs.cache.body.BodyReceiver;
import io.alldocs.cache.body.BodyReceiver.Read;
import io.alldocs.cache.body.BodyReceiver.Received;
import io.alldocs.cache.body.BodyReceiver.TextReader;
import io.alldocs.cache.body.UnknownContentCodingException;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.ClientRequest;
import io.alldocs.http.ClientResponse;
import io.alldocs.http.UnknownCodingException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Accesses one CouchDB database over HTTP: builds URLs, sends requests, and detects responses that are not from a
 * database. Safe for concurrent use.
 */
final class Database {
    static final URI NPM = URI.create("https://replicate.npmjs.com");

    /** Maximum page size of npm's replica, for rows and for changes (its migration notice of February 2025). */
    static final int MAX_PAGE = 10_000;

    /**
     * Path of the database on npm's replica. It is served at / and at /registry; replication clients use /registry.
     */
    private static final String NPM_DATABASE_PATH = "/registry";

    private static final int DAMAGED_ANSWERS = 3;

    private final URI origin;
    private final String base;
    private final BaseHttpClient http;
    private final BodyReceiver receiver;

    Database(URI address, BaseHttpClient http, BodyReceiver receiver) {
        this.origin = normalize(address);
        this.base = isNpmReplica(origin) ? origin + NPM_DATABASE_PATH : origin.toString();
        this.http = http;
        this.receiver = receiver;
    }

    /** Converts a response; {@code S} is the type of the result of reading its text while it arrives. */
    @FunctionalInterface
    interface AnswerReader<S, T> {
        T read(ClientResponse reply, Received received, S text) throws IOException;
    }

    /** Returns the URL as written in keys and metadata: without a trailing slash, and for npm without the path. */
    URI origin() {
        return origin;
    }

    private static URI normalize(URI address) {
        requireUsable(address);
        String text = address.toString();
        while (text.endsWith("/")) {
            text = text.substring(0, text.length() - 1);
        }
        URI trimmed = URI.create(text);
        if (NPM_DATABASE_PATH.equals(trimmed.getPath())) {
            URI host = URI.create(text.substring(0, text.length() - NPM_DATABASE_PATH.length()));
            return isNpmReplica(host) ? host : trimmed;
        }
        return trimmed;
    }

    private static void requireUsable(URI address) {
        String scheme = address.getScheme() == null ? "" : address.getScheme().toLowerCase(Locale.ROOT);
        if (!(scheme.equals("http") || scheme.equals("https")) || address.getHost() == null) {
            throw new IllegalArgumentException(
                    "The origin must be an http or https address such as http://127.0.0.1:5984/registry.");
        }
        if (address.getRawUserInfo() != null || address.getRawQuery() != null || address.getRawFragment() != null) {
            throw new IllegalArgumentException("The origin at host " + address.getHost()
                    + " must not contain a user, query or fragment. Pass credentials through .npmrc or NpmConfig.");
        }
    }

    private static boolean isNpmReplica(URI origin) {
        return origin.getHost().toLowerCase(Locale.ROOT).startsWith("replicate.")
                && CacheKey.originPart(origin).equals("npm");
    }

    /** Returns the database's information about itself. */
    OriginInfo info() {
        return get("/", RequestOptions.DEFAULT, text -> {
            JsonNode json = parse(text);
            JsonNode docCount = json.path("doc_count");
            JsonNode updateSeq = json.path("update_seq");
            if (!docCount.isIntegralNumber() || !docCount.canConvertToLong() || docCount.longValue() < 0) {
                throw new MalformedAnswerException("the JSON object has no valid \"doc_count\"");
            }
            return new OriginInfo(json.path("db_name").asText(), docCount.longValue(), sequence(updateSeq));
        });
    }

    /** Returns the sequence in a response. */
    static Sequence sequence(JsonNode json) throws MalformedAnswerException {
        try {
            return Sequence.of(json);
        } catch (IllegalArgumentException e) {
            throw new MalformedAnswerException("a sequence is neither a whole number nor a string", e);
        }
    }

    private static JsonNode parse(InputStream text) throws IOException {
        try {
            return Json.MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new MalformedAnswerException("the body is not JSON", e);
        }
    }

    /** Sends a request whose result depends only on the text of the response. */
    <T> T get(String pathAndQuery, RequestOptions options, TextReader<T> text) {
        return get(pathAndQuery, options, text, (reply, received, value) -> {
            received.body().close();
            return value;
        });
    }

    /**
     * Sends a request and retries if the response is damaged, up to {@value #DAMAGED_ANSWERS} attempts in total. Empty
     * and non-JSON bodies have been seen temporarily on npm's replica.
     *
     * @param text reads the text while it arrives
     * @param reader converts the response; closes the received body unless the result contains it
     */
    <S, T> T get(String pathAndQuery, RequestOptions options, TextReader<S> text, AnswerReader<S, T> reader) {
        int[] damaged = {0};
        ClientRequest call = ClientRequest.get(URI.create(base + pathAndQuery))
                .withHeaders(options.headers())
                .withHeaders(Map.of("accept", "application/json", "accept-encoding", "gzip"))
                .withTimeout(options.timeout())
                .accepting(400, 404);
        return http.send(call, reply -> {
            refuseStatus(reply);
            try {
                refuseWebPage(reply);
                Read<S> read = receive(reply, text);
                return reader.read(reply, read.received(), read.value());
            } catch (MalformedAnswerException e) {
                damaged[0]++;
                if (damaged[0] == DAMAGED_ANSWERS) {
                    throw new OriginException(
                            describe(reply) + " " + DAMAGED_ANSWERS + " times in a row, each time with an invalid"
                                    + " body: " + e.getMessage() + ". Check that a CouchDB database, not a proxy or"
                                    + " login page, responds at " + base + ".",
                            reply.status(),
                            e);
                }
                throw e;
            }
        });
    }

    private <S> Read<S> receive(ClientResponse reply, TextReader<S> text) throws IOException {
        String encoding = String.join(", ", reply.headers().allValues("content-encoding"));
        try {
            return receiver.receive(reply.body(), encoding, reply.contentLength(), text);
        } catch (UnknownContentCodingException e) {
            throw new UnknownCodingException(String.valueOf(e.getMessage()));
        }
    }

    /** Refuses statuses that a database never returns for a valid request. A retry would not help. */
    private void refuseStatus(ClientResponse reply) {
        if (reply.status() == 404 || reply.status() == 400) {
            throw new OriginException(
                    describe(reply) + ": there is no CouchDB database with _all_docs at " + base + ". Give the"
                            + " address of the database, its path included, such as http://127.0.0.1:5984/registry.",
                    reply.status(),
                    null);
        }
    }

    private static void refuseWebPage(ClientResponse reply) throws MalformedAnswerException {
        if (contentType(reply).equals("text/html")) {
            throw new MalformedAnswerException("it is a web page");
        }
    }

    /**
     * Describes the request and the response. Omits the query, because its keys can be long, and the body, because it
     * may contain any text.
     */
    private static String describe(ClientResponse reply) {
        URI uri = reply.uri();
        String address = uri.getScheme() + "://" + uri.getRawAuthority() + uri.getRawPath();
        String type = contentType(reply);
        return "GET " + address + " returned status " + reply.status()
                + (type.isEmpty() ? " and no content type" : " and " + type);
    }

    private static String contentType(ClientResponse reply) {
        @Nullable String value = header(reply, "content-type");
        String type = value == null ? "" : value.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        return type.matches("[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,60}") ? type : "";
    }

    private static @Nullable String header(ClientResponse reply, String name) {
        return reply.headers().firstValue(name).orElse(null);
    }

    /** Returns the URL of the database, for messages. */
    @Override
    public String toString() {
        return base;
    }
}
