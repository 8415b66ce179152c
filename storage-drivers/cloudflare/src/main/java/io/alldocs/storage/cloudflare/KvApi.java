package io.alldocs.storage.cloudflare;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.alldocs.cache.Body;
import io.alldocs.cache.spi.ValueReceiver;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.HttpCall;
import io.alldocs.http.HttpReply;
import io.alldocs.http.ReplyReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.GZIPInputStream;
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
    private static final int MAX_PAGE = 1000;

    private static final int NOT_FOUND = 404;

    /** Error code of a missing key, as opposed to a missing namespace. */
    private static final int KEY_NOT_FOUND = 10009;

    /** Strings may be as long as a value, which exceeds Jackson's default limit. */
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(KvValue.MAX_BYTES)
                    .build())
            .build();

    private static final ObjectMapper JSON = new ObjectMapper(FACTORY);

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

    /** Thrown when the response reports an error. The message contains Cloudflare's error codes and texts. */
    static final class RefusedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        final int status;

        RefusedException(int status, String message) {
            super(message);
            this.status = status;
        }
    }

    /**
     * A value found by a bulk read.
     *
     * @param metadata as JSON, null if there is none
     */
    record Text(String value, @Nullable String metadata) {}

    /**
     * A page of names in order.
     *
     * @param cursor start of the next page; null for the last page
     */
    record Page(List<String> names, @Nullable String cursor) {}

    // ---- one key

    /** Returns the bytes of a value; empty if the key does not exist. */
    Optional<Body> value(String name) {
        HttpCall call = HttpCall.get(key("values", name)).withHeader("accept-encoding", "identity");
        return sendForKey(call, reply -> values.receive(reply.body(), reply.contentLength()));
    }

    /**
     * Returns the metadata of a key as JSON (JSON {@code null} for a key without metadata); empty if the key does not
     * exist.
     */
    Optional<String> metadata(String name) {
        return sendForKey(
                HttpCall.get(key("metadata", name)), reply -> result(reply).toString());
    }

    void put(String name, KvValue value) throws IOException {
        Multipart form = Multipart.of(value);
        HttpCall call = HttpCall.put(key("values", name), form.bytes()).withHeader("content-type", form.contentType());
        send(call, KvApi::result);
    }

    void delete(String name) {
        sendForKey(HttpCall.delete(key("values", name)), KvApi::result);
    }

    // ---- many keys

    /**
     * Stores up to {@link #MAX_WRITE} pairs created by {@link KvValue#pair}.
     *
     * @return names that were not stored
     */
    Set<String> putAll(Collection<byte[]> pairs) {
        return undone(HttpCall.put(URI.create(namespace + "/bulk"), array(pairs)));
    }

    /**
     * Deletes up to {@link #MAX_WRITE} names. Returns the names that were not deleted; absent names are not among them.
     */
    Set<String> deleteAll(Collection<String> names) {
        return undone(HttpCall.post(URI.create(namespace + "/bulk/delete"), json(names))
                .asRepeatable());
    }

    private Set<String> undone(HttpCall call) {
        JsonNode result = send(asJson(call), KvApi::result);
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
    Map<String, Text> texts(Collection<String> names) {
        byte[] keys = json(Map.of("keys", names, "type", "text", "withMetadata", true));
        HttpCall call = HttpCall.post(URI.create(namespace + "/bulk/get"), keys).asRepeatable();
        return send(asJson(call), reply -> {
            try (JsonParser in = FACTORY.createParser(decoded(reply))) {
                return texts(reply, in);
            }
        });
    }

    private static Map<String, Text> texts(HttpReply reply, JsonParser in) throws IOException {
        Map<String, Text> found = new HashMap<>();
        Outer outer = new Outer(reply, in);
        while (outer.next()) {
            if (!outer.isAt("result")) {
                in.skipChildren();
                continue;
            }
            while (in.nextToken() == JsonToken.FIELD_NAME) {
                boolean values = in.currentName().equals("values");
                in.nextToken();
                while (values && in.nextToken() == JsonToken.FIELD_NAME) {
                    String name = in.currentName();
                    in.nextToken();
                    Text text = text(in);
                    if (text != null) {
                        found.put(name, text);
                    }
                }
                in.skipChildren();
            }
        }
        return found;
    }

    /**
     * Parses the result for one key: an object with value and metadata, or null. A server that does not support
     * metadata returns the value alone.
     */
    private static @Nullable Text text(JsonParser in) throws IOException {
        if (in.currentToken() != JsonToken.START_OBJECT) {
            return in.currentToken() == JsonToken.VALUE_STRING ? new Text(in.getText(), null) : null;
        }
        String value = null;
        String metadata = null;
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            String name = in.currentName();
            JsonToken token = in.nextToken();
            if (name.equals("value") && token == JsonToken.VALUE_STRING) {
                value = in.getText();
            } else if (name.equals("metadata") && token != JsonToken.VALUE_NULL) {
                metadata = JSON.readTree(in).toString();
            } else {
                in.skipChildren();
            }
        }
        return value == null ? null : new Text(value, metadata);
    }

    /** @param cursor returned with the previous page, null for the first */
    Page names(String prefix, @Nullable String cursor) {
        StringBuilder query = new StringBuilder("/keys?limit=").append(MAX_PAGE);
        if (!prefix.isEmpty()) {
            query.append("&prefix=").append(HttpCall.encoded(prefix));
        }
        if (cursor != null) {
            query.append("&cursor=").append(HttpCall.encoded(cursor));
        }
        return send(HttpCall.get(URI.create(namespace + query)), reply -> {
            try (JsonParser in = FACTORY.createParser(decoded(reply))) {
                return page(reply, in);
            }
        });
    }

    private static Page page(HttpReply reply, JsonParser in) throws IOException {
        List<String> names = new ArrayList<>(MAX_PAGE);
        String cursor = null;
        Outer outer = new Outer(reply, in);
        while (outer.next()) {
            if (outer.isAt("result") && in.currentToken() == JsonToken.START_ARRAY) {
                while (in.nextToken() == JsonToken.START_OBJECT) {
                    text(in, "name").ifPresent(names::add);
                }
            } else if (outer.isAt("result_info") && in.currentToken() == JsonToken.START_OBJECT) {
                cursor = text(in, "cursor").filter(text -> !text.isEmpty()).orElse(null);
            } else {
                in.skipChildren();
            }
        }
        return new Page(names, cursor);
    }

    /** Returns the text of one member of an object, and reads the object to its end. */
    private static Optional<String> text(JsonParser in, String member) throws IOException {
        Optional<String> found = Optional.empty();
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            boolean wanted = in.currentName().equals(member);
            if (in.nextToken() == JsonToken.VALUE_STRING && wanted) {
                found = Optional.of(in.getText());
            } else {
                in.skipChildren();
            }
        }
        return found;
    }

    // ---- answers

    /**
     * Iterates over the members of the envelope {@code {"success", "errors", "messages", "result"}} of a large
     * response.
     */
    private static final class Outer {
        private final HttpReply reply;
        private final JsonParser in;
        private String member = "";
        private boolean success;
        private String errors = "";

        Outer(HttpReply reply, JsonParser in) throws IOException {
            this.reply = reply;
            this.in = in;
            if (in.nextToken() != JsonToken.START_OBJECT) {
                throw notTheApi(reply);
            }
        }

        /** Advances to the next member and positions the parser at its value; returns false at the end. */
        boolean next() throws IOException {
            while (in.nextToken() == JsonToken.FIELD_NAME) {
                member = in.currentName();
                JsonToken token = in.nextToken();
                if (isAt("success")) {
                    success = token == JsonToken.VALUE_TRUE;
                } else if (isAt("errors")) {
                    errors = JSON.readTree(in).toString();
                } else {
                    return true;
                }
            }
            if (in.currentToken() != JsonToken.END_OBJECT) {
                throw new IOException("the answer ends within its JSON");
            }
            if (!success) {
                throw new RefusedException(reply.status(), "it answers without success: " + errors);
            }
            return false;
        }

        boolean isAt(String name) {
            return member.equals(name);
        }
    }

    /** Returns the result of a small response. A truncated response fails the attempt. */
    private static JsonNode result(HttpReply reply) throws IOException {
        JsonNode answer = JSON.readTree(decoded(reply));
        if (!answer.isObject()) {
            throw notTheApi(reply);
        }
        if (!answer.path("success").asBoolean()) {
            throw new RefusedException(reply.status(), "it answers without success: " + answer.path("errors"));
        }
        return answer.path("result");
    }

    private static void requireKeyNotFound(HttpReply reply) throws IOException {
        byte[] body = decoded(reply).readAllBytes();
        JsonNode answer;
        try {
            answer = JSON.readTree(body);
        } catch (JsonProcessingException e) {
            throw notTheApi(reply);
        }
        for (JsonNode error : answer.path("errors")) {
            if (error.path("code").asInt() == KEY_NOT_FOUND) {
                return;
            }
        }
        throw new RefusedException(reply.status(), "HTTP 404 from " + reply.uri() + ": " + answer.path("errors"));
    }

    private static RefusedException notTheApi(HttpReply reply) {
        return new RefusedException(reply.status(), "what answers at " + reply.uri() + " is not Cloudflare's API");
    }

    private static InputStream decoded(HttpReply reply) throws IOException {
        boolean gzip = reply.headers()
                .firstValue("content-encoding")
                .filter("gzip"::equalsIgnoreCase)
                .isPresent();
        return gzip ? new GZIPInputStream(reply.body(), 1 << 14) : reply.body();
    }

    // ---- requests

    private <T> T send(HttpCall call, ReplyReader<T> reader) {
        return client.send(call, reader);
    }

    /** Sends a request for a key; empty if the key does not exist. */
    private <T> Optional<T> sendForKey(HttpCall call, ReplyReader<T> reader) {
        return send(call.accepting(NOT_FOUND), reply -> {
            if (reply.status() == NOT_FOUND) {
                requireKeyNotFound(reply);
                return Optional.empty();
            }
            return Optional.of(reader.read(reply));
        });
    }

    private URI key(String what, String name) {
        return URI.create(namespace + "/" + what + "/" + HttpCall.encoded(name));
    }

    private static HttpCall asJson(HttpCall call) {
        return call.withHeader("content-type", "application/json");
    }

    private static byte[] json(Object value) {
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        try (JsonGenerator out = FACTORY.createGenerator(json)) {
            JSON.writeValue(out, value);
        } catch (IOException e) {
            throw new UncheckedIOException("Writing to memory failed", e);
        }
        return json.toByteArray();
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
