package io.alldocs.storage.emulators;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.spi.KeyOrder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Buckets and their objects, according to Google's <a
 * href="https://cloud.google.com/storage/docs/json_api/v1/objects">description of objects</a> and of <a
 * href="https://cloud.google.com/storage/docs/request-preconditions">preconditions</a>. Thread-safe; each call is
 * atomic.
 */
public final class FakeObjects {
    private static final int MAX_NAME_BYTES = 1024;
    private static final int MAX_METADATA_BYTES = 8 << 10;
    private static final int MAX_PAGE = 1000;

    /** Fields that a writer may set. */
    private static final List<String> WRITABLE =
            List.of("contentType", "contentEncoding", "contentDisposition", "contentLanguage", "cacheControl");

    /**
     * Thrown for an error response, in the terms of <a
     * href="https://cloud.google.com/storage/docs/json_api/v1/status-codes">status codes</a>.
     */
    public static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        final int status;
        final String reason;

        Refused(int status, String reason, String message) {
            super(message);
            this.status = status;
            this.reason = reason;
        }
    }

    /** One generation of an object. Both components are immutable by convention. */
    public record Stored(ObjectNode resource, byte[] bytes) {
        long generation() {
            return resource.path("generation").asLong();
        }

        /** Returns a field of the resource, or an empty string if it is not set. */
        public String text(String field) {
            return resource.path(field).asText("");
        }
    }

    /** A page of a listing. */
    record Page(List<Stored> items, @Nullable String nextToken) {}

    /** The preconditions in a request's query parameters. */
    record Conditions(Map<String, String> query) {

        void check(@Nullable Stored stored) throws Refused {
            long generation = stored == null ? 0 : stored.generation();
            String metageneration = stored == null ? "" : stored.text("metageneration");
            require("ifGenerationMatch", String.valueOf(generation), true, 412, "conditionNotMet");
            require("ifGenerationNotMatch", String.valueOf(generation), false, 304, "notModified");
            require("ifMetagenerationMatch", metageneration, true, 412, "conditionNotMet");
            require("ifMetagenerationNotMatch", metageneration, false, 304, "notModified");
        }

        private void require(String name, String actual, boolean same, int status, String reason) throws Refused {
            String expected = query.get(name);
            if (expected != null && expected.equals(actual) != same) {
                throw new Refused(status, reason, "At least one of the pre-conditions you specified did not hold.");
            }
        }
    }

    private final Map<String, NavigableMap<String, Stored>> buckets = new ConcurrentHashMap<>();
    private long lastGeneration;

    synchronized void createBucket(String bucket) {
        buckets.putIfAbsent(bucket, new TreeMap<>(KeyOrder.UTF8));
    }

    /** Empties all buckets. */
    public synchronized void clear() {
        buckets.values().forEach(Map::clear);
    }

    private NavigableMap<String, Stored> bucket(String bucket) throws Refused {
        NavigableMap<String, Stored> objects = buckets.get(bucket);
        if (objects == null) {
            throw new Refused(404, "notFound", "The specified bucket does not exist.");
        }
        return objects;
    }

    synchronized void requireBucket(String bucket) throws Refused {
        bucket(bucket);
    }

    /**
     * Returns an object.
     *
     * @param query conditions, and the generation; may be empty
     * @throws Refused 404 if it does not exist; 412 or 304 if a condition fails
     */
    public synchronized Stored get(String bucket, String name, Map<String, String> query) throws Refused {
        Stored stored = existing(bucket, name, query);
        new Conditions(query).check(stored);
        return stored;
    }

    private Stored existing(String bucket, String name, Map<String, String> query) throws Refused {
        Stored stored = bucket(bucket).get(name);
        String generation = query.get("generation");
        if (stored == null || (generation != null && !generation.equals(stored.text("generation")))) {
            throw new Refused(404, "notFound", "No such object: " + bucket + "/" + name);
        }
        return stored;
    }

    /** Checks the conditions of an upload before any byte of it is read. */
    synchronized void checkInsert(String bucket, String name, Map<String, String> query) throws Refused {
        new Conditions(query).check(bucket(bucket).get(name));
        int length = name.getBytes(StandardCharsets.UTF_8).length;
        if (length == 0 || length > MAX_NAME_BYTES || name.contains("\n") || name.contains("\r")) {
            throw new Refused(400, "invalid", "Invalid object name");
        }
    }

    /**
     * Stores an object.
     *
     * @param described the resource fields that the writer sent
     * @param query conditions; may be empty
     * @throws Refused 400 if the resource is not valid; 404 for a missing bucket; 412 if a condition fails
     */
    public synchronized Stored insert(
            String bucket, String name, JsonNode described, byte[] bytes, Map<String, String> query) throws Refused {
        checkInsert(bucket, name, query);
        String crc32c = crc32c(bytes);
        String md5 = md5(bytes);
        if (!described.path("crc32c").asText(crc32c).equals(crc32c)
                || !described.path("md5Hash").asText(md5).equals(md5)) {
            throw new Refused(400, "invalid", "Provided checksum doesn't match calculated checksum.");
        }
        lastGeneration = Math.max(lastGeneration + 1, ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()));
        ObjectNode resource = JsonNodeFactory.instance.objectNode();
        resource.put("kind", "storage#object")
                .put("id", bucket + "/" + name + "/" + lastGeneration)
                .put("name", name)
                .put("bucket", bucket)
                .put("generation", String.valueOf(lastGeneration))
                .put("storageClass", "STANDARD")
                .put("size", String.valueOf(bytes.length))
                .put("crc32c", crc32c)
                .put("md5Hash", md5)
                .put("timeCreated", Instant.now().toString());
        describe(resource, described, 1);
        Stored stored = new Stored(resource, bytes);
        bucket(bucket).put(name, stored);
        return stored;
    }

    private static void describe(ObjectNode resource, JsonNode described, long metageneration) throws Refused {
        for (String field : WRITABLE) {
            if (described.path(field).isNull()) {
                resource.remove(field);
            } else if (described.has(field)) {
                resource.set(field, described.get(field));
            }
        }
        if (described.path("metadata").isObject()) {
            mergeMetadata(resource, described.path("metadata"));
        }
        resource.put("metageneration", String.valueOf(metageneration))
                .put("etag", resource.path("generation").asText() + "/" + metageneration)
                .put("updated", Instant.now().toString());
    }

    private static void mergeMetadata(ObjectNode resource, JsonNode changes) throws Refused {
        ObjectNode metadata = resource.path("metadata").isObject()
                ? (ObjectNode) resource.get("metadata")
                : resource.putObject("metadata");
        changes.properties().forEach(change -> {
            if (change.getValue().isNull()) {
                metadata.remove(change.getKey());
            } else {
                metadata.set(change.getKey(), change.getValue());
            }
        });
        int bytes = 0;
        for (var each : metadata.properties()) {
            bytes += utf8Length(each.getKey()) + utf8Length(each.getValue().asText());
        }
        if (bytes > MAX_METADATA_BYTES) {
            throw new Refused(400, "metadataTooLarge", "The metadata of an object may have 8 KiB.");
        }
    }

    private static int utf8Length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    synchronized Stored patch(String bucket, String name, JsonNode changes, Map<String, String> query) throws Refused {
        Stored stored = existing(bucket, name, query);
        new Conditions(query).check(stored);
        ObjectNode resource = stored.resource().deepCopy();
        describe(resource, changes, resource.path("metageneration").asLong() + 1);
        Stored patched = new Stored(resource, stored.bytes());
        bucket(bucket).put(name, patched);
        return patched;
    }

    synchronized void delete(String bucket, String name, Map<String, String> query) throws Refused {
        Stored stored = existing(bucket, name, query);
        new Conditions(query).check(stored);
        bucket(bucket).remove(name);
    }

    /**
     * Lists objects in the order of their names as UTF-8. The token is the name of the last object of the previous
     * page.
     */
    synchronized Page list(String bucket, Map<String, String> query) throws Refused {
        String prefix = query.getOrDefault("prefix", "");
        int pageSize = Math.min(MAX_PAGE, Integer.parseInt(query.getOrDefault("maxResults", "1000")));
        if (utf8Length(query.getOrDefault("startOffset", "")) > MAX_NAME_BYTES || utf8Length(prefix) > MAX_NAME_BYTES) {
            throw new Refused(400, "invalid", "Longer than a name can be");
        }
        NavigableMap<String, Stored> from = bucket(bucket).tailMap(query.getOrDefault("startOffset", ""), true);
        String token = query.get("pageToken");
        if (token != null) {
            String last = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
            from = from.tailMap(last, false);
        }
        List<Stored> rest = from.values().stream()
                .filter(stored -> stored.text("name").startsWith(prefix))
                .limit(pageSize + 1L)
                .toList();
        if (rest.size() <= pageSize) {
            return new Page(rest, null);
        }
        List<Stored> items = rest.subList(0, pageSize);
        byte[] last = items.get(pageSize - 1).text("name").getBytes(StandardCharsets.UTF_8);
        return new Page(items, Base64.getUrlEncoder().encodeToString(last));
    }

    private static String crc32c(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return Base64.getEncoder()
                .encodeToString(
                        ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
    }

    private static String md5(byte[] bytes) {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("MD5").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
