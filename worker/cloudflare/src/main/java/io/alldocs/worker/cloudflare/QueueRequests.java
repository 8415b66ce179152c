package io.alldocs.worker.cloudflare;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.ClientRequest;
import io.alldocs.http.ClientResponse;
import io.alldocs.worker.spi.QueueOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/** Sends JSON to {@code queue.js} and parses its responses. Safe for concurrent use. */
final class QueueRequests {
    /** Header that identifies responses of the script. */
    private static final String PROTOCOL_HEADER = "all-docs-queue";

    private static final String PROTOCOL = "1";

    static final ObjectMapper JSON = new ObjectMapper();

    private final BaseHttpClient client;
    private final BaseHttpClient impatient;
    private final String address;
    private final String queue;
    private final ObjectNode options;

    /**
     * @param impatient a client that makes one attempt
     * @param endpoint without a trailing slash
     */
    QueueRequests(BaseHttpClient client, BaseHttpClient impatient, String endpoint, QueueOptions options) {
        this.client = client;
        this.impatient = impatient;
        this.address = endpoint;
        this.queue = options.name();
        this.options = object().put("maxAttempts", options.maxAttempts())
                .put("backoff", options.backoff().toMillis())
                .put("maxBackoff", options.maxBackoff().toMillis())
                .put("lease", options.lease().toMillis())
                .put("maxLostLeases", options.maxLostLeases())
                .put("interval", options.interval().toMillis())
                .put("intervalCap", options.intervalCap());
    }

    /** Thrown if the response does not come from the script, or comes from another version of it. */
    static final class NoQueueException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NoQueueException(String message) {
            super(message);
        }
    }

    /** Sends a body, to which the options of the queue are added. */
    JsonNode post(String path, ObjectNode body) {
        return post(path, "", bytes(body.set("options", options)));
    }

    /** Sends JSON as it is. */
    JsonNode post(String path, String query, byte[] body) {
        return send(client, call(path, query, body));
    }

    private ClientRequest call(String path, String query, byte[] body) {
        return ClientRequest.post(uri(path, query), body)
                .withHeader("content-type", "application/json")
                .asRepeatable();
    }

    JsonNode get(String path, String query) {
        return send(client, ClientRequest.get(uri(path, query)));
    }

    private URI uri(String path, String query) {
        return URI.create(address + path + "?queue=" + queue + query);
    }

    private static JsonNode send(BaseHttpClient client, ClientRequest call) {
        return client.send(call, QueueRequests::answer);
    }

    /** Parses a response. A truncated response fails the attempt. */
    private static JsonNode answer(ClientResponse reply) throws IOException {
        String protocol = reply.headers().firstValue(PROTOCOL_HEADER).orElse("");
        if (!protocol.equals(PROTOCOL)) {
            throw new NoQueueException(
                    protocol.isEmpty()
                            ? "the server there is not an all-docs queue (HTTP " + reply.status() + " from "
                                    + reply.uri() + ")"
                            : "the queue there uses another version of its protocol (" + protocol + ", not " + PROTOCOL
                                    + ")");
        }
        byte[] body = decoded(reply);
        try {
            return JSON.readTree(body);
        } catch (IOException e) {
            throw new NoQueueException("the response from " + reply.uri() + " is complete, but is not JSON");
        }
    }

    private static byte[] decoded(ClientResponse reply) throws IOException {
        byte[] body = reply.body().readAllBytes();
        boolean gzip = reply.headers()
                .firstValue("content-encoding")
                .filter("gzip"::equalsIgnoreCase)
                .isPresent();
        if (!gzip) {
            return body;
        }
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(body))) {
            return in.readAllBytes();
        }
    }

    /** Sends a body in a single attempt. */
    void postOnce(String path, ObjectNode body, Duration timeout) {
        send(impatient, call(path, "", bytes(body)).withTimeout(Optional.of(timeout)));
    }

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    static String text(JsonNode json) {
        try {
            return JSON.writeValueAsString(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("A payload cannot be written as JSON", e);
        }
    }

    static byte[] bytes(JsonNode json) {
        return utf8(text(json));
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
