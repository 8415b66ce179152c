package io.alldocs.examples.registry;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A response before faults are applied. */
final class Response {
    private static final byte[] NOTHING = new byte[0];

    final int status;
    final String contentType;
    final byte[] body;
    final List<String> headers = new ArrayList<>();
    /** Whether {@link #body} is already compressed. */
    final boolean gzip;

    private Response(int status, String contentType, byte[] body, boolean gzip) {
        this.status = status;
        this.contentType = contentType;
        this.body = body;
        this.gzip = gzip;
    }

    static Response of(int status, String contentType, byte[] body) {
        return new Response(status, contentType, body, false);
    }

    static Response gzip(int status, String contentType, byte[] compressed) {
        return new Response(status, contentType, compressed, true);
    }

    static Response json(int status, String json) {
        return of(status, "application/json", json.getBytes(StandardCharsets.UTF_8));
    }

    /** Returns an error in the registry's JSON format. */
    static Response error(int status, String message) {
        return json(status, "{\"error\":\"" + message + "\"}");
    }

    static Response notModified() {
        return of(304, "", NOTHING);
    }

    Response header(String name, String value) {
        headers.add(name);
        headers.add(value);
        return this;
    }

    boolean closes() {
        return headers.contains("connection");
    }
}
