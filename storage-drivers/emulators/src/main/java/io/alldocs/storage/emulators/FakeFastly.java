package io.alldocs.storage.emulators;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.storage.emulators.FakeItems.Item;
import io.alldocs.storage.emulators.FakeItems.Refused;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Emulates the parts of Fastly's API that the drivers use, according to its reference. They are <a
 * href="https://www.fastly.com/documentation/reference/api/services/resources/kv-store-item">items of KV stores</a>, <a
 * href="https://www.fastly.com/documentation/reference/api/services/resources/config-store-item/">of config stores</a>
 * and <a href="https://www.fastly.com/documentation/reference/api/dictionaries/dictionary-item/">of dictionaries</a>,
 * <a href="https://www.fastly.com/documentation/reference/api/#rate-limiting">limits</a>. Headers and bodies of
 * responses are as recorded by Fastly's Go client.
 */
public final class FakeFastly extends Emulator {
    /** The id of the only KV store. */
    public static final String STORE = "iaa48y0oxw13s12xpfdkk9";

    /** The id of the only config store. */
    public static final String CONFIG_STORE = "lV8kyCg7OmjQMjMpiX9dq2";

    /** The id of the only service. */
    public static final String SERVICE = "EXmb9qO9J34QFgYMSz0XE1";

    /** The id of the dictionary of that service. */
    public static final String DICTIONARY = "xyHHO0G3S3ZREo49Us7kg5";

    /** The only valid token. */
    public static final String TOKEN = "Planted-Token_9876543210zyxwvutsrq";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern KV_STORE = Pattern.compile("/resources/stores/kv/([^/]+)(/.*)?");
    private static final Pattern ITEMS = Pattern.compile(
            "(?:/resources/stores/config/([^/]+)|/service/([^/]+)/dictionary/([^/]+))/(items|item/([^/]+))");
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d+)");

    private final FakeItems items = new FakeItems();
    private final Map<String, String> config = new ConcurrentSkipListMap<>();
    private final Map<String, Integer> failingInBatches = new ConcurrentHashMap<>();
    private volatile boolean ranges = true;

    /**
     * Starts the server.
     *
     * @throws IOException if no port is free
     */
    public FakeFastly() throws IOException {
        start();
    }

    /** Returns the items of the KV store. */
    public FakeItems items() {
        return items;
    }

    /** Returns the mutable items of the config store, which are also those of the dictionary. */
    public Map<String, String> config() {
        return config;
    }

    /** Makes the server ignore ranges from now on. */
    public void ignoreRanges() {
        ranges = false;
    }

    /** Makes the server fail this item in the next batch that contains it. */
    public void failInBatch(String name, int status) {
        failingInBatches.put(name, status);
    }

    // ---- the API

    /**
     * Returns GET, PUT or DELETE for an item; LOOK for a read of its first bytes; LIST; BATCH; STORE for everything
     * else.
     */
    @Override
    String kind(Asked asked) {
        String path = asked.path();
        if (path.endsWith("/batch")) {
            return "BATCH";
        }
        if (path.endsWith("/keys") || path.endsWith("/items")) {
            return "LIST";
        }
        if (!path.contains("/keys/") && !path.contains("/item/")) {
            return "STORE";
        }
        return asked.headers().containsKey("range") ? "LOOK" : asked.method();
    }

    @Override
    Answer answer(Asked asked) throws IOException {
        if (!asked.header("fastly-key").equals(TOKEN)) {
            return Answer.json(401, object().put("msg", "Provided credentials are missing or invalid"));
        }
        try {
            Matcher kv = KV_STORE.matcher(asked.path());
            if (kv.matches()) {
                requireId(kv.group(1), STORE);
                return kv(asked, kv.group(2) == null ? "" : kv.group(2));
            }
            Matcher config = ITEMS.matcher(asked.path());
            if (config.matches() && asked.method().equals("GET")) {
                return config(asked, config);
            }
            throw new Refused(404, "Not Found: " + asked.method() + " " + asked.path());
        } catch (Refused e) {
            return e.getMessage() == null ? Answer.empty(e.status) : error(e.status, e.getMessage());
        }
    }

    @Override
    Answer error(int status, String title) {
        return Answer.json(status, object().put("title", title).put("status", status));
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    private static void requireId(@Nullable String asked, String known) throws Refused {
        if (!known.equals(asked)) {
            throw new Refused(404, "Store not found");
        }
    }

    private Answer kv(Asked asked, String path) throws Refused, IOException {
        if (path.startsWith("/keys/")) {
            return item(asked, Asked.decoded(path.substring("/keys/".length())));
        }
        return switch (asked.method() + " " + path) {
            case "GET " -> Answer.json(200, object().put("id", STORE).put("name", "cache"));
            case "GET /keys" -> list(asked.query());
            case "PUT /batch" -> batch(asked);
            default -> throw new Refused(405, "Method Not Allowed");
        };
    }

    private Answer item(Asked asked, String name) throws Refused {
        switch (asked.method()) {
            case "GET" -> {
                return value(items.read(name), asked.headerOrNull("range"));
            }
            case "PUT" -> {
                items.put(
                        name,
                        asked.body(),
                        asked.header("metadata"),
                        asked.headerOrNull("if-generation-match"),
                        "true".equals(asked.query().get("add")));
                return Answer.empty(200);
            }
            case "DELETE" -> {
                items.delete(name, "true".equals(asked.query().get("force")));
                return Answer.empty(204);
            }
            default -> throw new Refused(405, "Method Not Allowed");
        }
    }

    private Answer value(Item item, @Nullable String range) {
        byte[] value = item.value();
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("content-type", "application/octet-stream");
        headers.put("cache-control", "no-store");
        headers.put("generation", Long.toString(item.generation()));
        headers.put("metadata", item.metadata());
        headers.put("stored-content-length", Integer.toString(value.length));
        headers.put(
                "last-modified",
                DateTimeFormatter.RFC_1123_DATE_TIME.format(item.modified().atZone(ZoneOffset.UTC)));
        Matcher asked = RANGE.matcher(range == null ? "" : range);
        if (!ranges || !asked.matches()) {
            return new Answer(200, headers, value);
        }
        int first = Integer.parseInt(asked.group(1));
        if (first >= value.length) {
            return new Answer(416, Map.of("content-range", "bytes */" + value.length), new byte[0]);
        }
        int end = Math.min(value.length, Integer.parseInt(asked.group(2)) + 1);
        headers.put("content-range", "bytes " + first + "-" + (end - 1) + "/" + value.length);
        return new Answer(206, headers, Arrays.copyOfRange(value, first, end));
    }

    private Answer list(Map<String, String> query) throws Refused {
        int limit = Integer.parseInt(query.getOrDefault("limit", "1000"));
        String prefix = query.getOrDefault("prefix", "");
        FakeItems.Page page = items.list(prefix, query.get("cursor"), limit);
        ObjectNode answer = object();
        ArrayNode data = answer.putArray("data");
        page.names().forEach(data::add);
        ObjectNode meta = answer.putObject("meta").put("limit", limit);
        if (!prefix.isEmpty()) {
            meta.put("prefix", prefix);
        }
        if (page.nextCursor() != null) {
            meta.put("next_cursor", page.nextCursor());
        }
        return Answer.json(200, answer);
    }

    private Answer batch(Asked asked) throws Refused, IOException {
        if (!asked.header("content-type").equals("application/x-ndjson")) {
            throw new Refused(415, "Unsupported Media Type");
        }
        ArrayNode errors = JsonNodeFactory.instance.arrayNode();
        int index = 0;
        for (String line :
                new String(asked.body(), StandardCharsets.UTF_8).lines().toList()) {
            JsonNode item = JSON.readTree(line);
            String name = item.path("key").asText();
            try {
                Integer planned = failingInBatches.remove(name);
                if (planned != null) {
                    throw new Refused(planned, "planned");
                }
                items.put(
                        name,
                        item.path("value").binaryValue(),
                        item.path("metadata").asText(""),
                        null,
                        false);
            } catch (Refused e) {
                errors.addObject()
                        .put("key", name)
                        .put("index", index)
                        .put("code", Integer.toString(e.status))
                        .put("reason", e.getMessage());
            }
            index++;
        }
        ObjectNode answer = object().put("type", errors.isEmpty() ? "" : "error")
                .put("title", errors.isEmpty() ? "success" : "some items were not stored");
        answer.set("errors", errors);
        return Answer.json(errors.isEmpty() ? 200 : 400, answer);
    }

    private Answer config(Asked asked, Matcher path) throws Refused {
        if (path.group(1) != null) {
            requireId(path.group(1), CONFIG_STORE);
        } else {
            requireId(path.group(2), SERVICE);
            requireId(path.group(3), DICTIONARY);
        }
        if (path.group(5) != null) {
            String key = Asked.decoded(path.group(5));
            String value = config.get(key);
            if (value == null) {
                return Answer.json(404, object().put("msg", "Record not found"));
            }
            return Answer.json(200, configItem(key, value));
        }
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        int size = path.group(1) != null
                ? Integer.MAX_VALUE
                : Integer.parseInt(asked.query().getOrDefault("per_page", "20"));
        long skipped = (Integer.parseInt(asked.query().getOrDefault("page", "1")) - 1L) * size;
        config.entrySet().stream()
                .skip(skipped)
                .limit(size)
                .forEach(each -> all.add(configItem(each.getKey(), each.getValue())));
        return Answer.json(200, all);
    }

    private static ObjectNode configItem(String key, String value) {
        return object().put("item_key", key)
                .put("item_value", value)
                .put("created_at", "2023-03-02T16:24:02Z")
                .put("updated_at", "2023-03-02T16:24:03Z")
                .putNull("deleted_at");
    }
}
