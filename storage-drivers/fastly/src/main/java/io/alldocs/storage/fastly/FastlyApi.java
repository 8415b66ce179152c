package io.alldocs.storage.fastly;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.HttpCall;
import io.alldocs.http.HttpReply;
import io.alldocs.http.IntermediaryResponseException;
import io.alldocs.http.ReplyReader;
import java.io.IOException;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Fastly's API: its address, the token, and the client that retries. Safe for concurrent use. */
final class FastlyApi implements AutoCloseable {
    private static final ObjectReader JSON = new ObjectMapper().readerFor(JsonNode.class);

    private final String address;
    private final String token;
    private final BaseHttpClient client;
    private final Runnable closing;

    /**
     * @param endpoint https, or on this machine
     * @param closing closes the resources that the API owns
     */
    FastlyApi(URI endpoint, String token, BaseHttpClient client, Runnable closing) {
        String text = endpoint.toString();
        this.address = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
        this.token = token;
        this.client = client;
        this.closing = closing;
    }

    /** @param path including the query, both encoded */
    HttpCall get(String path) {
        return ours(HttpCall.get(uri(path)));
    }

    /** @param path including the query, both encoded */
    HttpCall put(String path, byte[] body) {
        return ours(HttpCall.put(uri(path), body));
    }

    /** @param path including the query, both encoded */
    HttpCall delete(String path) {
        return ours(HttpCall.delete(uri(path)));
    }

    private URI uri(String path) {
        return URI.create(address + path);
    }

    /** Adds the token, and requests values in their stored encoding. */
    private HttpCall ours(HttpCall call) {
        return call.withHeader("fastly-key", token).withHeader("accept-encoding", "identity");
    }

    /**
     * Sends a request as {@link BaseHttpClient#send} does. Refuses a page of HTML, which Fastly's API does not send
     * with these statuses.
     */
    <T> T send(HttpCall call, ReplyReader<T> reader) {
        return client.send(call, reply -> {
            if (reply.status() < 300 || reply.status() == FastlyStore.NOT_FOUND) {
                require(!isPage(reply), "the API's content type", reply);
            }
            return reader.read(reply);
        });
    }

    private static boolean isPage(HttpReply reply) {
        return type(reply).toLowerCase(Locale.ROOT).startsWith("text/html");
    }

    private static String type(HttpReply reply) {
        return reply.headers().firstValue("content-type").orElse("no content type");
    }

    /**
     * Refuses a response that lacks what Fastly always sends.
     *
     * @param present whether the response has it
     * @param what it is, for the message
     */
    static void require(boolean present, String what, HttpReply reply) throws IntermediaryResponseException {
        if (!present) {
            throw new IntermediaryResponseException(
                    "HTTP " + reply.status() + " and " + type(reply) + ", without " + what);
        }
    }

    /** Parses JSON. */
    static JsonNode json(HttpReply reply) throws IOException {
        return JSON.readTree(reply.body());
    }

    /** Returns when the value of a response was written, or the epoch if the response does not say. */
    static Instant lastModified(HttpReply reply) {
        try {
            return reply.headers()
                    .firstValue("last-modified")
                    .map(text -> ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                            .toInstant())
                    .orElse(Instant.EPOCH);
        } catch (DateTimeException e) {
            return Instant.EPOCH;
        }
    }

    @Override
    public void close() {
        closing.run();
    }
}
