package io.alldocs.storage.emulators;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.spi.KeyOrder;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Emulates the parts of Cloudflare's API that the driver uses, according to <a
 * href="https://developers.cloudflare.com/api/resources/kv/">its reference</a> and KV's <a
 * href="https://developers.cloudflare.com/kv/platform/limits/">limits</a>.
 */
public final class FakeKv extends Emulator {
    /** The only account. */
    public static final String ACCOUNT = "023e105f4ecef8ad9ca31a8372d0c353";

    /** The namespace of that account. */
    public static final String NAMESPACE = "0f2ac74b498b48028cb68387c421e279";

    /** The only valid token. */
    public static final String TOKEN = "Planted-Token_9876543210zyxwvutsrq";

    private static final int MAX_NAME_BYTES = 512;
    private static final int MAX_METADATA_BYTES = 1024;
    private static final int MAX_VALUE_BYTES = 25 << 20;
    private static final int MAX_REQUEST_BYTES = 100_000_000;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern PATH =
            Pattern.compile("/client/v4/accounts/([^/]+)/storage/kv/namespaces/([^/]+)/([a-z/]+?)(?:/([^/]+))?");
    private static final Pattern FIELD = Pattern.compile("form-data; name=\"(\\w+)\".*");

    /**
     * The value stored under a name.
     *
     * @param metadata as JSON, null if there is none
     */
    public record Item(byte[] value, @Nullable String metadata) {}

    private static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        final int status;
        final int code;

        Refused(int status, int code, String message) {
            super(message);
            this.status = status;
            this.code = code;
        }
    }

    private final LaggingItems items = new LaggingItems();
    private final Map<String, Integer> undone = new ConcurrentHashMap<>();
    private final Set<String> poison = ConcurrentHashMap.newKeySet();

    /**
     * Starts the server.
     *
     * @throws IOException if no port is free
     */
    public FakeKv() throws IOException {
        start();
    }

    @Override
    public URI endpoint() {
        return super.endpoint().resolve("/client/v4");
    }

    /** Returns a mutable view of the stored values by name. */
    public Map<String, Item> items() {
        return items.all();
    }

    /**
     * Makes later writes visible only after {@code requests} requests, as KV may show them a minute later. 0 means at
     * once.
     */
    public void lagging(int requests) {
        items.lag(requests);
    }

    /** Makes the next {@code times} bulk requests process all names except this one. */
    public void leaveUndone(String name, int times) {
        undone.put(name, times);
    }

    /** Rejects bulk requests that contain this name as bad requests. */
    public void poison(String name) {
        poison.add(name);
    }

    // ---- the API

    /** Returns GET, PUT or DELETE for a value; METADATA; LIST; BULK-PUT, BULK-GET or BULK-DELETE. */
    @Override
    String kind(Asked asked) {
        String path = asked.path();
        if (path.contains("/values/")) {
            return asked.method();
        }
        if (path.contains("/metadata/")) {
            return "METADATA";
        }
        return path.endsWith("/keys")
                ? "LIST"
                : path.endsWith("/bulk") ? "BULK-PUT" : path.endsWith("/get") ? "BULK-GET" : "BULK-DELETE";
    }

    @Override
    Answer answer(Asked asked) throws IOException {
        items.countRequest();
        try {
            if (!("Bearer " + TOKEN).equals(asked.headers().get("authorization"))) {
                throw new Refused(401, 10000, "Authentication error");
            }
            Matcher path = PATH.matcher(asked.path());
            if (!path.matches() || !path.group(1).equals(ACCOUNT)) {
                throw new Refused(404, 7003, "Could not route to " + asked.uri().getPath());
            }
            if (!path.group(2).equals(NAMESPACE)) {
                throw new Refused(404, 10013, "namespace not found");
            }
            if (asked.body().length > MAX_REQUEST_BYTES) {
                throw new Refused(413, 100413, "request too large");
            }
            return switch (kind(asked)) {
                case "GET" -> {
                    Item item = item(path.group(4));
                    yield Answer.of(200, "application/octet-stream", item.value());
                }
                case "METADATA" -> {
                    String metadata = item(path.group(4)).metadata();
                    yield result(metadata == null ? NullNode.getInstance() : JSON.readTree(metadata), null);
                }
                case "PUT" -> put(Asked.decoded(path.group(4)), asked);
                case "DELETE" -> {
                    items.write(Asked.decoded(path.group(4)), null);
                    yield result(JSON.createObjectNode(), null);
                }
                case "LIST" -> list(asked.query());
                case "BULK-PUT" -> bulkPut(JSON.readTree(asked.body()));
                case "BULK-GET" -> bulkGet(JSON.readTree(asked.body()));
                default -> bulkDelete(JSON.readTree(asked.body()));
            };
        } catch (Refused e) {
            return error(e.status, e.code, String.valueOf(e.getMessage()));
        }
    }

    @Override
    Answer error(int status, String code) {
        return error(status, 1, code);
    }

    private static Answer error(int status, int code, String message) {
        ObjectNode answer = JSON.createObjectNode().put("success", false);
        answer.putArray("errors").addObject().put("code", code).put("message", message);
        answer.putArray("messages");
        answer.putNull("result");
        return Answer.json(status, answer);
    }

    private static Answer result(JsonNode result, @Nullable JsonNode info) throws IOException {
        // The order of members is not guaranteed, so the result comes first here.
        ObjectNode answer = JSON.createObjectNode();
        answer.set("result", result);
        answer.put("success", true);
        answer.putArray("errors");
        answer.putArray("messages");
        if (info != null) {
            answer.set("result_info", info);
        }
        return Answer.json(200, answer);
    }

    private Item item(String encoded) throws Refused {
        String name = Asked.decoded(encoded);
        requireName(name);
        Item item = items.seen(name);
        if (item == null) {
            throw new Refused(404, 10009, "get: 'key not found'");
        }
        return item;
    }

    private Answer put(String name, Asked asked) throws Refused, IOException {
        String type = asked.header("content-type");
        if (!type.startsWith("multipart/form-data; boundary=")) {
            store(name, asked.body(), null);
            return result(JSON.createObjectNode(), null);
        }
        Map<String, byte[]> parts = new HashMap<>();
        for (Part part : Part.of(type, asked.body())) {
            Matcher field = FIELD.matcher(part.headers().getOrDefault("content-disposition", ""));
            if (!field.matches()) {
                throw new Refused(400, 10012, "not a form");
            }
            parts.put(field.group(1), part.body());
        }
        byte[] value = parts.get("value");
        byte[] metadata = parts.get("metadata");
        if (value == null) {
            throw new Refused(400, 10012, "no value");
        }
        store(name, value, metadata == null ? null : new String(metadata, StandardCharsets.UTF_8));
        return result(JSON.createObjectNode(), null);
    }

    private void store(String name, byte[] value, @Nullable String metadata) throws Refused, IOException {
        requireName(name);
        if (value.length > MAX_VALUE_BYTES) {
            throw new Refused(413, 10030, "value too large");
        }
        if (metadata != null && JSON.readTree(metadata).toString().length() > MAX_METADATA_BYTES) {
            throw new Refused(413, 10031, "metadata too large");
        }
        items.write(name, new Item(value, metadata));
    }

    private Answer bulkPut(JsonNode pairs) throws Refused, IOException {
        requireCount(pairs.size(), 10_000);
        ArrayNode left = JsonNodeFactory.instance.arrayNode();
        for (JsonNode pair : pairs) {
            if (poison.contains(pair.path("key").asText())) {
                throw new Refused(400, 10012, "parse: invalid value");
            }
        }
        for (JsonNode pair : pairs) {
            String name = pair.path("key").asText();
            if (isLeft(name)) {
                left.add(name);
                continue;
            }
            String value = pair.path("value").asText();
            JsonNode metadata = pair.path("metadata");
            store(
                    name,
                    pair.path("base64").asBoolean() ? Base64.getDecoder().decode(value) : utf8(value),
                    metadata.isMissingNode() ? null : metadata.toString());
        }
        return bulkResult(pairs.size(), left);
    }

    private boolean isLeft(String name) {
        return undone.computeIfPresent(name, (key, times) -> times == 0 ? null : times - 1) != null;
    }

    private static Answer bulkResult(int asked, ArrayNode left) throws IOException {
        ObjectNode result = JSON.createObjectNode().put("successful_key_count", asked - left.size());
        result.set("unsuccessful_keys", left);
        return result(result, null);
    }

    private Answer bulkDelete(JsonNode names) throws Refused, IOException {
        requireCount(names.size(), 10_000);
        ArrayNode left = JsonNodeFactory.instance.arrayNode();
        for (JsonNode name : names) {
            if (isLeft(name.asText())) {
                left.add(name);
            } else {
                items.write(name.asText(), null);
            }
        }
        return bulkResult(names.size(), left);
    }

    private Answer bulkGet(JsonNode asked) throws Refused, IOException {
        requireCount(asked.path("keys").size(), 100);
        ObjectNode values = JSON.createObjectNode();
        long bytes = 0;
        for (JsonNode name : asked.path("keys")) {
            requireName(name.asText());
            Item item = items.seen(name.asText());
            if (item == null) {
                values.putNull(name.asText());
                continue;
            }
            bytes += item.value().length;
            ObjectNode found =
                    values.putObject(name.asText()).put("value", new String(item.value(), StandardCharsets.UTF_8));
            found.set("metadata", item.metadata() == null ? NullNode.getInstance() : JSON.readTree(item.metadata()));
        }
        if (bytes > MAX_VALUE_BYTES) {
            throw new Refused(413, 10034, "the total size of the values is too large");
        }
        ObjectNode result = JSON.createObjectNode();
        result.set("values", values);
        return result(result, null);
    }

    private Answer list(Map<String, String> query) throws IOException {
        int limit = Integer.parseInt(query.getOrDefault("limit", "1000"));
        String prefix = query.getOrDefault("prefix", "");
        String cursor = query.get("cursor");
        String last = cursor == null ? null : new String(Base64.getDecoder().decode(cursor), StandardCharsets.UTF_8);
        List<String> names = items.all().keySet().stream()
                .filter(name -> name.startsWith(prefix) && (last == null || KeyOrder.UTF8.compare(name, last) > 0))
                .filter(name -> items.seen(name) != null)
                .limit(limit + 1L)
                .toList();
        ArrayNode page = JSON.createArrayNode();
        names.stream().limit(limit).forEach(name -> {
            ObjectNode key = page.addObject().put("name", name);
            key.putObject("metadata").put("name", "not the name");
        });
        String next = names.size() <= limit ? "" : Base64.getEncoder().encodeToString(utf8(names.get(limit - 1)));
        return result(page, JSON.createObjectNode().put("count", page.size()).put("cursor", next));
    }

    private static void requireCount(int count, int max) throws Refused {
        if (count > max) {
            throw new Refused(400, 10029, "more than " + max + " keys");
        }
    }

    private static void requireName(String name) throws Refused {
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (bytes < 1 || name.equals(".") || name.equals("..")) {
            throw new Refused(400, 10011, "invalid key");
        }
        if (bytes > MAX_NAME_BYTES) {
            throw new Refused(414, 10010, "key too long");
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
