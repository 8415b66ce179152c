package io.alldocs.storage.emulators;

import com.fasterxml.jackson.databind.JsonNode;
import io.alldocs.storage.emulators.FakeObjects.Refused;
import io.alldocs.storage.emulators.FakeObjects.Stored;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Uploads of objects: <a href="https://cloud.google.com/storage/docs/uploading-objects">in one request</a> or <a
 * href="https://cloud.google.com/storage/docs/performing-resumable-uploads">in several</a>.
 */
final class Uploads {
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (?:(\\d+)-(\\d+)|\\*)/(\\d+|\\*)");
    private static final int RESUME_INCOMPLETE = 308;

    /** All parts of an upload except the last must be a multiple of this size. */
    private static final int QUANTUM = 256 << 10;

    /** A resumable upload. */
    private static final class Session {
        private final String bucket;
        private final JsonNode described;
        private final Map<String, String> query;
        private final ByteArrayOutputStream received = new ByteArrayOutputStream();
        private @Nullable Answer done;

        Session(String bucket, JsonNode described, Map<String, String> query) {
            this.bucket = bucket;
            this.described = described;
            this.query = query;
        }
    }

    private final FakeObjects objects;
    private final Map<String, Session> sessions = new ConcurrentHashMap<>();

    Uploads(FakeObjects objects) {
        this.objects = objects;
    }

    /** @param endpoint of the server */
    Answer answer(Asked asked, URI endpoint) throws Refused, IOException {
        String uploadId = asked.query().get("upload_id");
        if (uploadId != null) {
            Session session = sessions.get(uploadId);
            if (session == null) {
                throw new Refused(404, "notFound", "No such upload");
            }
            return resume(session, asked);
        }
        Matcher path = FakeGcs.OBJECTS.matcher(asked.path().replaceFirst("^/upload/storage/v1", ""));
        if (!path.matches()) {
            throw new Refused(404, "notFound", "Not Found: " + asked.path());
        }
        String bucket = Asked.decoded(path.group(1));
        return switch (asked.query().getOrDefault("uploadType", "")) {
            case "multipart" -> {
                List<Part> parts = Part.of(asked.header("content-type"), asked.body());
                JsonNode described = FakeGcs.JSON.readTree(parts.get(0).body());
                yield stored(bucket, described, parts.get(1).body(), asked.query());
            }
            case "resumable" -> start(bucket, asked, endpoint);
            default -> throw new Refused(400, "invalid", "Unknown uploadType");
        };
    }

    private Answer stored(String bucket, JsonNode described, byte[] bytes, Map<String, String> query) throws Refused {
        Stored stored = objects.insert(bucket, name(described, query), described, bytes, query);
        return Answer.json(200, stored.resource());
    }

    private static String name(JsonNode described, Map<String, String> query) {
        String name = query.get("name");
        return name == null ? described.path("name").asText("") : name;
    }

    private Answer start(String bucket, Asked asked, URI endpoint) throws Refused, IOException {
        JsonNode described = FakeGcs.JSON.readTree(asked.body());
        objects.checkInsert(bucket, name(described, asked.query()), asked.query());
        String id = UUID.randomUUID().toString();
        sessions.put(id, new Session(bucket, described, asked.query()));
        String location = endpoint + asked.path() + "?uploadType=resumable&upload_id=" + id;
        return new Answer(200, Map.of("location", location, "x-guploader-uploadid", id), new byte[0]);
    }

    private Answer resume(Session session, Asked asked) throws Refused {
        synchronized (session) {
            if (session.done != null) {
                return session.done;
            }
            Matcher range = CONTENT_RANGE.matcher(asked.header("content-range"));
            if (!range.matches()) {
                throw new Refused(400, "invalid", "Content-Range expected");
            }
            if (range.group(1) != null) {
                receive(session, Long.parseLong(range.group(1)), asked.body(), range.group(3));
            }
            boolean last = !range.group(3).equals("*") && session.received.size() == Long.parseLong(range.group(3));
            if (last) {
                Answer answer =
                        stored(session.bucket, session.described, session.received.toByteArray(), session.query);
                Map<String, String> headers = new LinkedHashMap<>(answer.headers());
                headers.put("x-goog-stored-content-length", String.valueOf(session.received.size()));
                session.done = new Answer(200, headers, answer.body());
                return session.done;
            }
            int received = session.received.size();
            return new Answer(
                    RESUME_INCOMPLETE,
                    received == 0 ? Map.of() : Map.of("range", "bytes=0-" + (received - 1)),
                    new byte[0]);
        }
    }

    private static void receive(Session session, long first, byte[] part, String total) throws Refused {
        int received = session.received.size();
        if (first > received) {
            throw new Refused(503, "backendError", "Bytes are missing before " + first);
        }
        if (total.equals("*") && part.length % QUANTUM != 0) {
            throw new Refused(400, "invalid", "Parts but the last have multiples of 256 KiB");
        }
        int known = (int) (received - first);
        session.received.write(part, known, part.length - known);
    }
}
