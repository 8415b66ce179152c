package io.alldocs.partition;

import io.alldocs.cache.spi.KeyOrder;
import io.alldocs.http.ClientRequest;
import io.alldocs.http.ClientResponse;
import io.alldocs.http.HttpTransport;
import io.alldocs.http.Timeouts;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URLDecoder;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An in-memory CouchDB database behind the client's transport interface. It implements {@code _all_docs} correctly,
 * with any page limit and any way of counting.
 */
final class FakeCouch implements HttpTransport {
    enum Offsets {
        EXACT,
        ZERO,
        NULL
    }

    final NavigableSet<String> ids = new TreeSet<>(KeyOrder.UTF8);
    final List<String> asked = new ArrayList<>();
    private final int pageCap;
    private final Offsets offsets;
    private Runnable beforeEachPage = () -> {};

    FakeCouch(Collection<String> ids, int pageCap, Offsets offsets) {
        this.ids.addAll(ids);
        this.pageCap = pageCap;
        this.offsets = offsets;
    }

    /** Sets an action that changes the database before each page. */
    void beforeEachPage(Runnable drift) {
        beforeEachPage = drift;
    }

    @Override
    public synchronized ClientResponse send(ClientRequest call, Timeouts timeouts) throws IOException {
        beforeEachPage.run();
        String query = call.uri().getRawQuery();
        asked.add(URLDecoder.decode(query, StandardCharsets.UTF_8));
        byte[] body = page(parameters(query)).getBytes(StandardCharsets.UTF_8);
        return new ClientResponse(
                200,
                call.uri(),
                HttpHeaders.of(Map.of("content-type", List.of("application/json")), (name, value) -> true),
                new ByteArrayInputStream(body),
                OptionalLong.of(body.length));
    }

    private static Map<String, String> parameters(String query) {
        Map<String, String> result = new HashMap<>();
        for (String part : query.split("&", -1)) {
            String[] pair = part.split("=", 2);
            result.put(pair[0], URLDecoder.decode(pair[1].replace("+", "%2B"), StandardCharsets.UTF_8));
        }
        return result;
    }

    private String page(Map<String, String> parameters) throws IOException {
        if (!Map.of("limit", "", "startkey", "", "endkey", "").keySet().containsAll(parameters.keySet())) {
            throw new AssertionError("asked with " + parameters.keySet());
        }
        @Nullable String start = key(parameters.get("startkey"));
        @Nullable String end = key(parameters.get("endkey"));
        int limit = Math.min(pageCap, Integer.parseInt(parameters.getOrDefault("limit", "1000")));
        NavigableSet<String> from = start == null ? ids : ids.tailSet(start, true);
        String rows = from.stream()
                .takeWhile(id -> end == null || KeyOrder.UTF8.compare(id, end) <= 0)
                .limit(limit)
                .map(id -> "{\"id\":" + Keys.json(id) + ",\"key\":" + Keys.json(id) + ",\"value\":{\"rev\":\"1-"
                        + id.length() + "\"}}")
                .collect(Collectors.joining(",\n"));
        String offset = switch (offsets) {
            case EXACT -> String.valueOf(ids.size() - from.size());
            case ZERO -> "0";
            case NULL -> "null";
        };
        return "{\"total_rows\":" + ids.size() + ",\"offset\":" + offset + ",\"rows\":[\n" + rows + "\n]}";
    }

    private static @Nullable String key(@Nullable String json) throws IOException {
        return json == null ? null : Json.MAPPER.readValue(json, String.class);
    }

    @Override
    public void close() {}
}
