package io.alldocs.storage.fastly;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.ClientRequest;
import io.alldocs.http.ClientResponse;
import io.alldocs.http.IntermediaryResponseException;
import io.alldocs.http.ResponseReader;
import io.alldocs.spi.HttpDates;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
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
    ClientRequest get(String path) {
        return ours(ClientRequest.get(uri(path)));
    }

    /** @param path including the query, both encoded */
    ClientRequest put(String path, byte[] body) {
        return ours(ClientRequest.put(uri(path), body));
    }

    /** @param path including the query, both encoded */
    ClientRequest delete(String path) {
        return ours(ClientRequest.delete(uri(path)));
    }

    private URI uri(String path) {
        return URI.create(address + path);
    }

    /** Adds the token, and requests values in their stored encoding. */
    private ClientRequest ours(ClientRequest call) {
        return call.withHeader("fastly-key", token).withHeader("accept-encoding", "identity");
    }

    /**
     * Sends a request as {@link BaseHttpClient#send} does. Refuses a page of HTML, which Fastly's API does not send
     * with these statuses.
     */
    <T> T send(ClientRequest call, ResponseReader<T> reader) {
        return client.send(call, reply -> {
            if (reply.status() < 300 || reply.status() == FastlyStore.NOT_FOUND) {
                require(!isPage(reply), "the API's content type", reply);
            }
            return reader.read(reply);
        });
    }

    private static boolean isPage(ClientResponse reply) {
        return type(reply).toLowerCase(Locale.ROOT).startsWith("text/html");
    }

    private static String type(ClientResponse reply) {
        return reply.headers().firstValue("content-type").orElse("no content type");
    }

    /**
     * Refuses a response that lacks what Fastly always sends.
     *
     * @param present whether the response has it
     * @param what it is, for the message
     */
    static void require(boolean present, String what, ClientResponse reply) throws IntermediaryResponseException {
        if (!present) {
            throw new IntermediaryResponseException(
                    "HTTP " + reply.status() + " and " + type(reply) + ", without " + what);
        }
    }

    /** Parses JSON. */
    static JsonNode json(ClientResponse reply) throws IOException {
        return JSON.readTree(reply.body());
    }

    /** Returns when the value of a response was written, or the epoch if the response does not say. */
    static Instant lastModified(ClientResponse reply) {
        return reply.headers()
                .firstValue("last-modified")
                .flatMap(text -> HttpDates.parse(text, Instant.now()))
                .orElse(Instant.EPOCH);
    }

    @Override
    public void close() {
        closing.run();
    }
}
