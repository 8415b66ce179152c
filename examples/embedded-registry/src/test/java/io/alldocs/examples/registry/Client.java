package io.alldocs.examples.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** A simple client of the registry's protocol. */
final class Client {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final ObjectMapper JSON = new ObjectMapper();

    private Client() {}

    static HttpResponse<byte[]> get(EmbeddedRegistry registry, String path, String... headers)
            throws IOException, InterruptedException {
        return send(registry, "GET", path, headers);
    }

    static HttpResponse<byte[]> send(EmbeddedRegistry registry, String method, String path, String... headers)
            throws IOException, InterruptedException {
        return HTTP.send(
                request(registry, path, headers)
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }

    static HttpRequest.Builder request(EmbeddedRegistry registry, String path, String... headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(registry.origin() + path)).timeout(Duration.ofSeconds(20));
        return headers.length == 0 ? request : request.headers(headers);
    }

    static HttpClient http() {
        return HTTP;
    }

    static JsonNode json(EmbeddedRegistry registry, String path, String... headers)
            throws IOException, InterruptedException {
        HttpResponse<byte[]> response = get(registry, path, headers);
        if (response.statusCode() != 200) {
            throw new AssertionError(path + " answered " + response.statusCode());
        }
        return JSON.readTree(response.body());
    }

    static JsonNode parse(byte[] json) throws IOException {
        return JSON.readTree(json);
    }

    static byte[] gunzip(byte[] gzip) throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(gzip))) {
            return in.readAllBytes();
        }
    }

    /** Returns the value of a key parameter: JSON, percent-encoded. */
    static String key(String name) {
        try {
            return encode(JSON.writeValueAsString(name));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    static List<String> ids(JsonNode page) {
        List<String> ids = new ArrayList<>();
        page.path("rows").forEach(row -> ids.add(row.path("id").asText()));
        page.path("results").forEach(row -> ids.add(row.path("id").asText()));
        return ids;
    }
}
