package io.alldocs.storage.fastly;

import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.HttpCall;
import io.alldocs.http.HttpReply;
import io.alldocs.http.ReplyReader;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;

/** Fastly's API: its address, the token, and the client that retries. Safe for concurrent use. */
final class FastlyApi implements AutoCloseable {
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

    /** Sends a request as {@link BaseHttpClient#send} does. */
    <T> T send(HttpCall call, ReplyReader<T> reader) {
        return client.send(call, reader);
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
