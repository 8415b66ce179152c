package io.alldocs.worker.internal.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.sun.net.httpserver.HttpExchange;
import io.alldocs.worker.internal.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;

/** Writes responses. */
public final class Responses {
    public static final String JSON = "application/json";

    private Responses() {}

    public static JsonNode object(String name, String value) {
        return JsonNodeFactory.instance.objectNode().put(name, value);
    }

    public static JsonNode error(String reason) {
        return object("error", reason);
    }

    public static void send(HttpExchange exchange, int status, Map<String, String> headers, JsonNode body)
            throws IOException {
        send(exchange, status, headers, JSON, Json.bytes(body));
    }

    public static void send(HttpExchange exchange, int status, Map<String, String> headers, String type, byte[] body)
            throws IOException {
        exchange.getResponseHeaders().set("content-type", type);
        exchange.getResponseHeaders().set("cache-control", "no-store");
        exchange.getResponseHeaders().set("x-content-type-options", "nosniff");
        headers.forEach(exchange.getResponseHeaders()::set);
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, head ? -1 : body.length);
        if (!head) {
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        }
    }
}
