package io.alldocs.storage.gcs;

import com.google.api.client.http.HttpHeaders;
import com.google.api.client.http.HttpResponse;
import com.google.cloud.storage.StorageException;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.StoredForm;
import io.alldocs.cache.spi.ValueReceiver;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Downloads that expose the response headers. The package description explains why the SDK's own downloads are not
 * used.
 */
final class Downloads {
    private static final String GENERATION = "x-goog-generation";

    private final JsonApi api;
    private final ValueReceiver values;

    /** @param spoolDirectory for bodies over 1 MiB */
    Downloads(JsonApi api, Path spoolDirectory) {
        this.api = api;
        this.values = new ValueReceiver(spoolDirectory);
    }

    /**
     * A received object.
     *
     * @param head as stored in the metadata, null if there is none
     * @param generation 0, which no object has, if the response does not contain one
     */
    record Download(@Nullable String head, long generation, Body bytes) {}

    private interface Receiver<T> {
        T receive(HttpResponse answer) throws IOException;
    }

    /** Downloads an object; empty if the object or the bucket does not exist. */
    Optional<Download> whole(String bucket, String name) {
        return send(bucket, name, answer -> {
            HttpHeaders headers = answer.getHeaders();
            return new Download(
                    headers.getFirstHeaderStringValue(Heads.HEADER_PREFIX + Heads.NAME),
                    number(headers.getFirstHeaderStringValue(GENERATION)),
                    value(answer));
        });
    }

    /** Reads the head stored before the body in an object of {@code sizeBytes}. Does not read the body. */
    Optional<EntryMetadata> headBeforeBody(String bucket, String name, long sizeBytes, Instant storedAt) {
        return send(bucket, name, answer -> {
            try (InputStream in = content(answer)) {
                if (answer.getHeaders().getFirstHeaderStringValue(GENERATION) == null) {
                    throw new IOException("The response has no generation, so it is not the store's");
                }
                return StoredForm.head(in, sizeBytes, storedAt);
            } finally {
                answer.disconnect();
            }
        });
    }

    private <T> Optional<T> send(String bucket, String name, Receiver<T> receiver) {
        try {
            return Optional.of(api.send(storage -> {
                var request = storage.objects().get(bucket, name);
                request.setReturnRawInputStream(true);
                return receiver.receive(request.executeMedia());
            }));
        } catch (StorageException e) {
            if (e.getCode() == 404) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private Body value(HttpResponse answer) throws IOException {
        Long length = answer.getHeaders().getContentLength();
        try (InputStream in = content(answer)) {
            return values.receive(in, length == null ? OptionalLong.empty() : OptionalLong.of(length));
        }
    }

    /** Returns the content of a response. The transport returns no stream for an empty object. */
    private static InputStream content(HttpResponse answer) throws IOException {
        InputStream content = answer.getContent();
        return content == null ? InputStream.nullInputStream() : content;
    }

    private static long number(@Nullable String header) {
        return header == null ? 0 : Long.parseLong(header);
    }
}
