package io.alldocs.storage.emulators;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.storage.emulators.FakeObjects.Refused;
import io.alldocs.storage.emulators.FakeObjects.Stored;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Emulates the parts of Google's JSON API that the SDK uses here, according to <a
 * href="https://cloud.google.com/storage/docs/json_api/v1">its description</a>. These are objects (get, media, list,
 * insert, patch, delete), <a href="https://cloud.google.com/storage/docs/uploading-objects">uploads</a> in one request
 * or <a href="https://cloud.google.com/storage/docs/performing-resumable-uploads">in several</a>, <a
 * href="https://cloud.google.com/storage/docs/batch">batches</a>, <a
 * href="https://cloud.google.com/storage/docs/transcoding">transcoding</a>, and tokens.
 */
public final class FakeGcs extends Emulator {
    /** The bucket that exists. */
    public static final String BUCKET = "cache";

    static final ObjectMapper JSON = new ObjectMapper();
    static final Pattern OBJECTS = Pattern.compile("/b/([^/]+)/o");
    private static final Pattern OBJECT = Pattern.compile("/b/([^/]+)/o/([^/]+)");
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d*)");

    private final FakeObjects objects = new FakeObjects();
    private final Uploads uploads = new Uploads(objects);
    private final Map<String, Integer> failingInBatches = new ConcurrentHashMap<>();
    private volatile @Nullable String token;
    private volatile boolean metadataInHeaders = true;

    /**
     * Starts the server.
     *
     * @throws IOException if no port is free
     */
    public FakeGcs() throws IOException {
        objects.createBucket(BUCKET);
        start();
    }

    /** Returns the contents of the buckets. */
    public FakeObjects objects() {
        return objects;
    }

    /** Requires this token for all requests from now on, and returns it from {@code /token}. */
    public void requireToken(String token) {
        this.token = token;
    }

    /** Makes the server omit metadata from downloads from now on. */
    public void hideMetadata() {
        metadataInHeaders = false;
    }

    /** Makes the server fail this object in the next batch that contains it. */
    public void failInBatch(String name, int status) {
        failingInBatches.put(name, status);
    }

    // ---- the API

    /** Returns the HTTP method, or {@code MEDIA} for a download. */
    @Override
    String kind(Asked asked) {
        return "media".equals(asked.query().get("alt")) ? "MEDIA" : asked.method();
    }

    /**
     * Decodes requests that the SDK encodes. These are compressed bodies, and POST in place of PATCH, which
     * HttpURLConnection does not support. The third is POST in place of GET for a long URL, whose query is then the
     * body.
     */
    @Override
    Asked understood(Asked sent) throws IOException {
        byte[] body = sent.header("content-encoding").equals("gzip") ? gunzip(sent.body()) : sent.body();
        String method = sent.headers().getOrDefault("x-http-method-override", sent.method());
        URI uri = sent.uri();
        if (sent.header("content-type").startsWith("application/x-www-form-urlencoded")) {
            String form = new String(body, StandardCharsets.UTF_8);
            uri = URI.create(uri + (uri.getRawQuery() == null ? "?" : "&") + form);
        }
        return new Asked(method, uri, sent.headers(), body);
    }

    @Override
    Answer answer(Asked asked) throws IOException {
        try {
            if (asked.path().equals("/token")) {
                return Answer.json(
                        200,
                        JsonNodeFactory.instance
                                .objectNode()
                                .put("access_token", token)
                                .put("token_type", "Bearer")
                                .put("expires_in", 3600));
            }
            if (token != null && !("Bearer " + token).equals(asked.headers().get("authorization"))) {
                throw new Refused(401, "authError", "Invalid Credentials");
            }
            if (asked.path().equals("/batch/storage/v1")) {
                return batch(asked);
            }
            if (asked.path().startsWith("/upload/storage/v1")) {
                return uploads.answer(asked, endpoint());
            }
            return call(asked);
        } catch (Refused e) {
            return error(e);
        }
    }

    @Override
    Answer error(int status, String reason) {
        return error(new Refused(status, reason, "planned"));
    }

    private static Answer error(Refused e) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        ObjectNode error = body.putObject("error").put("code", e.status).put("message", e.getMessage());
        error.putArray("errors")
                .addObject()
                .put("message", e.getMessage())
                .put("domain", "global")
                .put("reason", e.reason);
        return Answer.json(e.status, body);
    }

    private Answer call(Asked asked) throws Refused, IOException {
        String path = asked.path().replaceFirst("^(/download)?/storage/v1", "");
        Matcher list = OBJECTS.matcher(path);
        if (list.matches() && asked.method().equals("GET")) {
            return list(Asked.decoded(list.group(1)), asked.query());
        }
        Matcher object = OBJECT.matcher(path);
        if (!object.matches()) {
            throw new Refused(404, "notFound", "Not Found: " + asked.method() + " " + path);
        }
        String bucket = Asked.decoded(object.group(1));
        String name = Asked.decoded(object.group(2));
        switch (asked.method()) {
            case "GET" -> {
                Stored stored = objects.get(bucket, name, asked.query());
                return "media".equals(asked.query().get("alt"))
                        ? media(stored, asked.headers())
                        : Answer.json(200, stored.resource());
            }
            case "PATCH" -> {
                return Answer.json(
                        200,
                        objects.patch(bucket, name, JSON.readTree(asked.body()), asked.query())
                                .resource());
            }
            case "DELETE" -> {
                objects.delete(bucket, name, asked.query());
                return Answer.empty(204);
            }
            default -> throw new Refused(405, "methodNotAllowed", asked.method());
        }
    }

    private Answer list(String bucket, Map<String, String> query) throws Refused {
        FakeObjects.Page page = objects.list(bucket, query);
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        if (query.getOrDefault("fields", "kind").contains("kind")) {
            body.put("kind", "storage#objects");
        }
        if (page.nextToken() != null) {
            body.put("nextPageToken", page.nextToken());
        }
        if (!page.items().isEmpty()) {
            var items = body.putArray("items");
            boolean onlyNames = query.getOrDefault("fields", "").contains("items(name");
            for (Stored stored : page.items()) {
                items.add(
                        onlyNames
                                ? JsonNodeFactory.instance.objectNode().put("name", stored.text("name"))
                                : stored.resource());
            }
        }
        return Answer.json(200, body);
    }

    private Answer media(Stored stored, Map<String, String> headers) throws Refused, IOException {
        Map<String, String> told = new LinkedHashMap<>();
        byte[] bytes = stored.bytes();
        boolean gzip = stored.text("contentEncoding").equals("gzip");
        if (gzip && !headers.getOrDefault("accept-encoding", "").contains("gzip")) {
            bytes = gunzip(bytes);
            told.put("warning", "214 UploadServer gunzipped");
        } else if (gzip) {
            told.put("content-encoding", "gzip");
        }
        if (!stored.text("contentType").isEmpty()) {
            told.put("content-type", stored.text("contentType"));
        }
        told.put("x-goog-generation", stored.text("generation"));
        told.put("x-goog-metageneration", stored.text("metageneration"));
        told.put("x-goog-stored-content-encoding", gzip ? "gzip" : "identity");
        told.put("x-goog-stored-content-length", String.valueOf(stored.bytes().length));
        told.put("x-goog-hash", "crc32c=" + stored.text("crc32c") + ",md5=" + stored.text("md5Hash"));
        told.put("etag", stored.text("etag"));
        told.put(
                "last-modified",
                DateTimeFormatter.RFC_1123_DATE_TIME.format(
                        ZonedDateTime.parse(stored.text("updated")).withZoneSameInstant(ZoneOffset.UTC)));
        if (metadataInHeaders) {
            stored.resource()
                    .path("metadata")
                    .properties()
                    .forEach(each -> told.put(
                            "x-goog-meta-" + each.getKey(), each.getValue().asText()));
        }
        Matcher range = RANGE.matcher(headers.getOrDefault("range", ""));
        if (!range.matches()) {
            return new Answer(200, told, bytes);
        }
        long first = Long.parseLong(range.group(1));
        if (first >= bytes.length) {
            throw new Refused(416, "requestedRangeNotSatisfiable", "Request range not satisfiable");
        }
        long last = range.group(2).isEmpty()
                ? bytes.length - 1L
                : Math.min(bytes.length - 1L, Long.parseLong(range.group(2)));
        told.put("content-range", "bytes " + first + "-" + last + "/" + bytes.length);
        return new Answer(206, told, Arrays.copyOfRange(bytes, (int) first, (int) last + 1));
    }

    // ---- batches

    private Answer batch(Asked asked) throws Refused, IOException {
        List<Part> parts = Part.of(asked.header("content-type"), asked.body());
        if (parts.size() > 100) {
            throw new Refused(400, "badRequest", "A batch has at most 100 calls");
        }
        String boundary = "batch_" + UUID.randomUUID();
        StringBuilder body = new StringBuilder();
        for (Part part : parts) {
            Answer answer = inBatch(part);
            body.append("--").append(boundary).append("\r\nContent-Type: application/http\r\nContent-ID: ");
            body.append(part.headers().getOrDefault("content-id", "").replaceFirst("^<?", "<response-"));
            body.append("\r\n\r\nHTTP/1.1 ").append(answer.status()).append(" Status\r\n");
            answer.headers()
                    .forEach((name, value) ->
                            body.append(name).append(": ").append(value).append("\r\n"));
            body.append("Content-Length: ").append(answer.body().length).append("\r\n\r\n");
            body.append(new String(answer.body(), StandardCharsets.UTF_8)).append("\r\n");
        }
        body.append("--").append(boundary).append("--\r\n");
        return new Answer(
                200,
                Map.of("content-type", "multipart/mixed; boundary=" + boundary),
                body.toString().getBytes(StandardCharsets.UTF_8));
    }

    private Answer inBatch(Part part) throws IOException {
        String text = new String(part.body(), StandardCharsets.ISO_8859_1);
        String[] line = text.substring(0, text.indexOf("\r\n")).split(" ", -1);
        URI uri = URI.create(line[1]);
        Part request = Part.of(text.substring(text.indexOf("\r\n") + 2));
        Asked call = new Asked(line[0], uri, request.headers(), request.body());
        try {
            Matcher object = OBJECT.matcher(uri.getRawPath().replaceFirst("^/storage/v1", ""));
            Integer failing = object.matches() ? failingInBatches.remove(Asked.decoded(object.group(2))) : null;
            if (failing != null) {
                throw new Refused(failing, "backendError", "planned");
            }
            return call(call);
        } catch (Refused e) {
            return error(e);
        }
    }

    private static byte[] gunzip(byte[] bytes) throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
            return in.readAllBytes();
        }
    }
}
