package io.alldocs.storage.emulators;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** @param headers without a length, except in a response to HEAD */
record Answer(int status, Map<String, String> headers, byte[] body) {

    static Answer json(int status, JsonNode body) {
        return of(status, "application/json", body.toString().getBytes(StandardCharsets.UTF_8));
    }

    static Answer of(int status, String type, byte[] body) {
        return new Answer(status, Map.of("content-type", type), body);
    }

    static Answer empty(int status) {
        return new Answer(status, Map.of(), new byte[0]);
    }
}
