package io.alldocs.storage.cloudflare;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.spi.ValueReceiver;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.ClientRequest;
import io.alldocs.http.ClientResponse;
import io.alldocs.http.ResponseReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Requests to one namespace through <a href="https://developers.cloudflare.com/api/resources/kv/">Cloudflare's API</a>.
 * Every method throws {@link io.alldocs.http.RequestException} as the client does, and {@link RefusedException} if the
 * response reports an error.
 */
final class KvApi {
    /**
     * Maximum keys of a bulk read: <a
     * href="https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/methods/bulk_get/">bulk get</a>.
     */
    static final int MAX_READ = 100;

    /**
     * Maximum keys of a bulk write or delete: <a
     * href="https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/methods/bulk_update/">bulk
     * update</a>.
     */
    static final int MAX_WRITE = 10_000;

    /** Maximum names in a page of a listing. */
    static final int MAX_PAGE = 1000;

    private static final int NOT_FOUND = 404;

    /** The content of requests. */
    private static final ObjectMapper JSON = new ObjectMapper();

    private final BaseHttpClient client;
    private final String namespace;
    private final ValueReceiver values;

    /**
     * @param namespace address of the namespace, without a trailing slash
     * @param spoolDirectory for values over 1 MiB
     */
    KvApi(BaseHttpClient client, String namespace, Path spoolDirectory) {
        this.client = client;
        this.namespace = namespace;
        this.values = new ValueReceiver(spoolDirectory);
    }

    // ---- one key

    /**
     * The bytes of a value.
     *
     * @param type content type of the response, empty if it has none
     */
    record Value(Body bytes, String type) {}

    /** Returns a value; empty if the key does not exist. */
    Optional<Value> value(String name) {
        ClientRequest call = ClientRequest.get(key("values", name)).withHeader("accept-encoding", "identity");
        return sendForKey(
                call,
                reply -> new Value(
                        values.receive(reply.body(), reply.contentLength()),
                        reply.headers().firstValue("content-type").orElse("")));
    }

    /**
     * Returns the metadata of a key as JSON (JSON {@code null} for a key without metadata); empty if the key does not
     * exist.
     */
    Optional<String> metadata(String name) {
        return sendForKey(ClientRequest.get(key("metadata", name)), KvApi::metadata);
    }

    private static String metadata(ClientResponse reply) throws IOException {
        JsonNode result = KvAnswer.result(reply);
        KvAnswer.require(!result.isMissingNode(), "the member result", reply);
        return result.toString();
    }

    void put(String name, KvValue value) throws IOException {
        Multipart form = Multipart.of(value);
        ClientRequest call =
                ClientRequest.put(key("values", name), form.bytes()).withHeader("content-type", form.contentType());
        send(call, KvAnswer::result);
    }

    void delete(String name) {
        sendForKey(ClientRequest.delete(key("values", name)), KvAnswer::result);
    }

    // ---- many keys

    /**
     * Stores up to {@link #MAX_WRITE} pairs created by {@link KvValue#pair}.
     *
     * @return names that were not stored
     */
    Set<String> putAll(Collection<byte[]> pairs) {
        return undone(ClientRequest.put(URI.create(namespace + "/bulk"), array(pairs)));
    }

    /**
     * Deletes up to {@link #MAX_WRITE} names. Returns the names that were not deleted; absent names are not among them.
     */
    Set<String> deleteAll(Collection<String> names) {
        return undone(ClientRequest.post(URI.create(namespace + "/bulk/delete"), json(names))
                .asRepeatable());
    }

    private Set<String> undone(ClientRequest call) {
        JsonNode result = send(asJson(call), KvAnswer::result);
        Set<String> names = new HashSet<>();
        result.path("unsuccessful_keys").forEach(name -> names.add(name.asText()));
        return names;
    }

    /**
     * Returns text values with their metadata, without absent keys. For a value that is not text, Cloudflare returns
     * another value or rejects the request.
     *
     * @param names at most {@link #MAX_READ}
     */
    Map<String, KvAnswer.Text> texts(Collection<String> names) {
        byte[] keys = json(Map.of("keys", names, "type", "text", "withMetadata", true));
        ClientRequest call =
                ClientRequest.post(URI.create(namespace + "/bulk/get"), keys).asRepeatable();
        return send(asJson(call), KvAnswer::texts);
    }

    /** @param cursor returned with the previous page, null for the first */
    KvAnswer.Page names(String prefix, @Nullable String cursor) {
        StringBuilder query = new StringBuilder("/keys?limit=").append(MAX_PAGE);
        if (!prefix.isEmpty()) {
            query.append("&prefix=").append(ClientRequest.encoded(prefix));
        }
        if (cursor != null) {
            query.append("&cursor=").append(ClientRequest.encoded(cursor));
        }
        return send(ClientRequest.get(URI.create(namespace + query)), KvAnswer::page);
    }

    // ---- requests

    /** Sends a request. Refuses a page of HTML, which this API does not send with these statuses. */
    private <T> T send(ClientRequest call, ResponseReader<T> reader) {
        return client.send(call, reply -> {
            if (reply.status() < 300 || reply.status() == NOT_FOUND) {
                KvAnswer.require(!KvAnswer.isPage(reply), "the API's content type", reply);
            }
            return reader.read(reply);
        });
    }

    /** Sends a request for a key; empty if the key does not exist. */
    private <T> Optional<T> sendForKey(ClientRequest call, ResponseReader<T> reader) {
        return send(call.accepting(NOT_FOUND), reply -> {
            if (reply.status() == NOT_FOUND) {
                KvAnswer.requireKeyNotFound(reply);
                return Optional.empty();
            }
            return Optional.of(reader.read(reply));
        });
    }

    private URI key(String what, String name) {
        return URI.create(namespace + "/" + what + "/" + ClientRequest.encoded(name));
    }

    private static ClientRequest asJson(ClientRequest call) {
        return call.withHeader("content-type", "application/json");
    }

    private static byte[] json(Object value) {
        try {
            return JSON.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException("Writing to memory failed", e);
        }
    }

    private static byte[] array(Collection<byte[]> elements) {
        int size = 1 + elements.size();
        for (byte[] element : elements) {
            size = Math.addExact(size, element.length);
        }
        byte[] array = new byte[size];
        int end = 0;
        for (byte[] element : elements) {
            array[end++] = (byte) (end == 1 ? '[' : ',');
            System.arraycopy(element, 0, array, end, element.length);
            end += element.length;
        }
        array[end] = ']';
        return array;
    }
}
