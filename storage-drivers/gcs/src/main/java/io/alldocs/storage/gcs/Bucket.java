package io.alldocs.storage.gcs;

import com.google.api.services.storage.model.Objects;
import com.google.cloud.BaseServiceException;
import com.google.cloud.storage.Blob;
import com.google.cloud.storage.BlobId;
import com.google.cloud.storage.Storage;
import com.google.cloud.storage.Storage.BlobField;
import com.google.cloud.storage.Storage.BlobGetOption;
import io.alldocs.cache.spi.DriverSupport;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.cache.spi.ValueTooLargeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Sends requests to one bucket and translates their errors. Safe for concurrent use. */
final class Bucket {
    private final Storage client;
    private final JsonApi api;
    private final String name;
    private final DriverSupport support;
    private volatile boolean seen;

    Bucket(Storage client, String name, DriverSupport support) {
        this.client = client;
        this.api = new JsonApi(client.getOptions());
        this.name = name;
        this.support = support;
    }

    Storage client() {
        return client;
    }

    JsonApi api() {
        return api;
    }

    String name() {
        return name;
    }

    DriverSupport support() {
        return support;
    }

    /** Returns the object of a key. */
    BlobId object(String key) {
        return BlobId.of(name, support.nameOf(key));
    }

    /** A request of the SDK, with its retries. */
    interface Request<T> {
        T send() throws IOException;
    }

    /**
     * Sends a request.
     *
     * @param verb followed by {@code key} in the message of an exception
     */
    <T> T attempt(String verb, String key, Request<T> request) {
        support.requireOpen();
        if (Thread.currentThread().isInterrupted()) {
            throw support.interrupted(verb, key, null);
        }
        try {
            return request.send();
        } catch (BaseServiceException e) {
            throw Failures.of(support, verb, key, e);
        } catch (IOException e) {
            // A channel of the SDK wraps the SDK's own exceptions.
            BaseServiceException cause = e.getCause() instanceof BaseServiceException known
                    ? known
                    : com.google.cloud.storage.StorageException.translate(e);
            throw Failures.of(support, verb, key, cause);
        } catch (Upload.BrokenBodyException e) {
            throw support.unreadableBody(verb, key, e.reason());
        } catch (NullPointerException e) {
            // The SDK's retries fail this way if the backoff before a retry is interrupted.
            if (Thread.currentThread().isInterrupted()) {
                throw support.interrupted(verb, key, e);
            }
            throw Failures.ofAnswer(support, verb, key, e);
        } catch (ValueTooLargeException e) {
            throw e;
        } catch (IllegalArgumentException
                | IndexOutOfBoundsException
                | DateTimeException
                | UncheckedIOException
                | StackOverflowError e) {
            // StackOverflowError: the SDK's parsers recurse for each level of a response.
            throw Failures.ofAnswer(support, verb, key, e);
        }
    }

    /** Reads the description of an object; empty if the object does not exist. */
    Optional<Blob> look(String verb, String key) {
        BlobId object = object(key);
        Optional<Blob> found = attempt(
                verb,
                key,
                () -> Optional.ofNullable(client.get(
                        object,
                        BlobGetOption.fields(
                                BlobField.GENERATION,
                                BlobField.METAGENERATION,
                                BlobField.METADATA,
                                BlobField.SIZE,
                                BlobField.UPDATED))));
        found.ifPresent(blob -> requireGeneration(blob, verb, key));
        require(found.isPresent(), verb, key);
        return found;
    }

    /** Refuses the description of an object without a generation, which the SDK reads from any JSON object. */
    void requireGeneration(Blob object, String verb, String key) {
        if (object.getGeneration() == null) {
            throw support.foreignResponse(verb, key, "HTTP 200 and an object without a generation", null);
        }
    }

    /**
     * Requests a page of a listing of names.
     *
     * @param stem beginning of all names to list
     * @param from name to begin with, null for the first
     * @param maxNames up to 1,000
     * @throws StorageException if the request fails, or the response is not a listing
     */
    Objects list(String verb, String prefix, String stem, @Nullable String from, int maxNames) {
        // An empty listing has no other member than its kind, so that it differs from the {} of another server.
        Objects page = attempt(
                verb,
                prefix,
                () -> api.send(storage -> storage.objects()
                        .list(name)
                        .setPrefix(stem)
                        .setStartOffset(from)
                        .setMaxResults((long) maxNames)
                        .setFields("kind,nextPageToken,items(name)")
                        .execute()));
        if (page == null || !"storage#objects".equals(page.getKind())) {
            throw support.foreignResponse(verb, prefix, "HTTP 200 and no list of objects", null);
        }
        return page;
    }

    /** Records that the bucket exists, because it answered a request for one of its objects. */
    void seen() {
        seen = true;
    }

    boolean isSeen() {
        return seen;
    }

    /**
     * Checks that the bucket exists unless a request {@code found} an object in it. A 404 response for an object does
     * not say whether the object or the bucket is missing.
     */
    void require(boolean found, String verb, String key) {
        if (!found && !seen) {
            list(verb, key, "", null, 1);
        }
        seen = true;
    }
}
