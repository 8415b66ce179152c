package io.alldocs.examples.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The parameters of a request. Invalid parameters cause a {@link BadRequest}. */
final class Query {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .build();

    private final Map<String, String> values = new HashMap<>();

    /** Thrown if the request is invalid. The status of the response is 400. */
    static final class BadRequest extends RuntimeException {
        private static final long serialVersionUID = 1;

        BadRequest(String message) {
            super(message, null, false, false);
        }
    }

    private Query() {}

    static Query parse(String text) {
        Query query = new Query();
        for (String part : text.split("&", -1)) {
            if (!part.isEmpty()) {
                int equals = part.indexOf('=');
                String name = equals < 0 ? part : part.substring(0, equals);
                query.values.put(decode(name), equals < 0 ? "" : decode(part.substring(equals + 1)));
            }
        }
        return query;
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new BadRequest("not percent-encoded");
        }
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    @Nullable
    String get(String name) {
        return values.get(name);
    }

    boolean isTrue(String name) {
        return "true".equals(values.get(name));
    }

    int limit(int byDefault, int most) {
        String value = values.getOrDefault("limit", Integer.toString(byDefault));
        if (!value.matches("\\d{1,18}")) {
            throw new BadRequest("limit");
        }
        return (int) Math.min(most, Long.parseLong(value));
    }

    /** Returns the first of these parameters as the bytes of a key; null if none is present. */
    byte @Nullable [] key(String... names) {
        for (String name : names) {
            String value = values.get(name);
            if (value != null) {
                return utf8(json(value));
            }
        }
        return null;
    }

    List<byte[]> keys() {
        JsonNode keys = json(values.getOrDefault("keys", ""));
        if (!keys.isArray()) {
            throw new BadRequest("keys");
        }
        List<byte[]> list = new ArrayList<>();
        keys.forEach(key -> list.add(utf8(key)));
        return list;
    }

    private static JsonNode json(String value) {
        try {
            return JSON.readTree(value);
        } catch (JsonProcessingException e) {
            throw new BadRequest("not JSON");
        }
    }

    private static byte[] utf8(JsonNode key) {
        if (!key.isTextual()) {
            throw new BadRequest("a key must be a JSON string");
        }
        return utf8(key.textValue());
    }

    /** Encodes {@code text} as UTF-8. Rejects an unpaired surrogate. */
    static byte[] utf8(String text) {
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return bytes;
        } catch (CharacterCodingException e) {
            throw new BadRequest("not Unicode");
        }
    }
}
