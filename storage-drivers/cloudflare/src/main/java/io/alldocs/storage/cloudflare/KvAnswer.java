package io.alldocs.storage.cloudflare;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.alldocs.http.ClientResponse;
import io.alldocs.http.IntermediaryResponseException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Parses responses of <a href="https://developers.cloudflare.com/api/resources/kv/">Cloudflare's API</a>. Every method
 * throws {@link RefusedException} if the response reports an error, and {@link IntermediaryResponseException} if it is
 * not one of this API. It throws another IOException if the response is truncated.
 */
final class KvAnswer {
    /** Error code of a missing key, as opposed to a missing namespace. */
    private static final int KEY_NOT_FOUND = 10009;

    /** Strings may be as long as a value, which exceeds Jackson's default limit. */
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(KvValue.MAX_BYTES)
                    .build())
            .build();

    private static final ObjectMapper JSON = new ObjectMapper(FACTORY);

    private KvAnswer() {}

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

    /** Reads the response to a bulk read: the values that exist, by their names. */
    static Map<String, Text> texts(ClientResponse reply) throws IOException {
        try (JsonParser in = FACTORY.createParser(decoded(reply))) {
            return texts(reply, in);
        }
    }

    private static Map<String, Text> texts(ClientResponse reply, JsonParser in) throws IOException {
        Map<String, Text> found = new HashMap<>();
        boolean complete = false;
        Outer outer = new Outer(reply, in);
        while (outer.next()) {
            if (!outer.isAt("result") || in.currentToken() != JsonToken.START_OBJECT) {
                in.skipChildren();
                continue;
            }
            while (in.nextToken() == JsonToken.FIELD_NAME) {
                boolean values = in.currentName().equals("values");
                boolean object = in.nextToken() == JsonToken.START_OBJECT;
                complete |= values && object;
                while (values && object && in.nextToken() == JsonToken.FIELD_NAME) {
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
        require(complete, "the values", reply);
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

    /** Reads the response to a listing. */
    static Page page(ClientResponse reply) throws IOException {
        try (JsonParser in = FACTORY.createParser(decoded(reply))) {
            return page(reply, in);
        }
    }

    private static Page page(ClientResponse reply, JsonParser in) throws IOException {
        List<String> names = new ArrayList<>(KvApi.MAX_PAGE);
        String cursor = null;
        boolean complete = false;
        Outer outer = new Outer(reply, in);
        while (outer.next()) {
            if (outer.isAt("result") && in.currentToken() == JsonToken.START_ARRAY) {
                complete = true;
                while (in.nextToken() == JsonToken.START_OBJECT) {
                    text(in, "name").ifPresent(names::add);
                }
            } else if (outer.isAt("result_info") && in.currentToken() == JsonToken.START_OBJECT) {
                cursor = text(in, "cursor").filter(text -> !text.isEmpty()).orElse(null);
            } else {
                in.skipChildren();
            }
        }
        require(complete, "the list of keys", reply);
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

    /**
     * Iterates over the members of the envelope {@code {"success", "errors", "messages", "result"}} of a large
     * response.
     */
    private static final class Outer {
        private final ClientResponse reply;
        private final JsonParser in;
        private String member = "";
        private @Nullable Boolean success;
        private String errors = "";

        Outer(ClientResponse reply, JsonParser in) throws IOException {
            this.reply = reply;
            this.in = in;
            require(in.nextToken() == JsonToken.START_OBJECT, "a JSON object", reply);
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
                throw new IOException("the JSON of the response is truncated");
            }
            require(success != null, "the member success", reply);
            if (!Boolean.TRUE.equals(success)) {
                throw new RefusedException(reply.status(), "the response reports no success: " + errors);
            }
            return false;
        }

        boolean isAt(String name) {
            return member.equals(name);
        }
    }

    /** Returns the result of a small response. A truncated response fails the attempt. */
    static JsonNode result(ClientResponse reply) throws IOException {
        JsonNode answer = JSON.readTree(decoded(reply));
        require(answer.has("success"), "the member success", reply);
        if (!answer.path("success").asBoolean()) {
            throw new RefusedException(reply.status(), "the response reports no success: " + answer.path("errors"));
        }
        return answer.path("result");
    }

    /**
     * Refuses a 404 response unless it says that the key does not exist.
     *
     * @throws RefusedException if something else does not exist
     */
    static void requireKeyNotFound(ClientResponse reply) throws IOException {
        byte[] body = decoded(reply).readAllBytes();
        JsonNode answer;
        try {
            answer = JSON.readTree(body);
        } catch (JsonProcessingException e) {
            throw foreign("JSON", reply);
        }
        require(answer.has("success"), "the member success", reply);
        for (JsonNode error : answer.path("errors")) {
            if (error.path("code").asInt() == KEY_NOT_FOUND) {
                return;
            }
        }
        throw new RefusedException(reply.status(), "HTTP 404 from " + reply.uri() + ": " + answer.path("errors"));
    }

    /**
     * Refuses a response that lacks what Cloudflare always sends.
     *
     * @param present whether the response has it
     * @param what it is, for the message
     */
    static void require(boolean present, String what, ClientResponse reply) throws IntermediaryResponseException {
        if (!present) {
            throw foreign(what, reply);
        }
    }

    private static IntermediaryResponseException foreign(String missing, ClientResponse reply) {
        return new IntermediaryResponseException("HTTP " + reply.status() + " and "
                + reply.headers().firstValue("content-type").orElse("no content type") + ", without " + missing);
    }

    /** Returns whether a response is a page of HTML, which this API does not send. */
    static boolean isPage(ClientResponse reply) {
        return reply.headers()
                .firstValue("content-type")
                .filter(type -> type.toLowerCase(Locale.ROOT).startsWith("text/html"))
                .isPresent();
    }

    private static InputStream decoded(ClientResponse reply) throws IOException {
        boolean gzip = reply.headers()
                .firstValue("content-encoding")
                .filter("gzip"::equalsIgnoreCase)
                .isPresent();
        return gzip ? new GZIPInputStream(reply.body(), 1 << 14) : reply.body();
    }
}
