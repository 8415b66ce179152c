package io.alldocs.examples.registry;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A response before faults are applied. */
final class Reply {
    private static final byte[] NOTHING = new byte[0];

    final int status;
    final String contentType;
    final byte[] body;
    final List<String> headers = new ArrayList<>();
    /** Whether {@link #body} is already compressed. */
    final boolean gzip;

    private Reply(int status, String contentType, byte[] body, boolean gzip) {
        this.status = status;
        this.contentType = contentType;
        this.body = body;
        this.gzip = gzip;
    }

    static Reply of(int status, String contentType, byte[] body) {
        return new Reply(status, contentType, body, false);
    }

    static Reply gzip(int status, String contentType, byte[] compressed) {
        return new Reply(status, contentType, compressed, true);
    }

    static Reply json(int status, String json) {
        return of(status, "application/json", json.getBytes(StandardCharsets.UTF_8));
    }

    /** Returns an error in the registry's JSON format. */
    static Reply error(int status, String message) {
        return json(status, "{\"error\":\"" + message + "\"}");
    }

    static Reply notModified() {
        return of(304, "", NOTHING);
    }

    Reply header(String name, String value) {
        headers.add(name);
        headers.add(value);
        return this;
    }

    boolean closes() {
        return headers.contains("connection");
    }
}
