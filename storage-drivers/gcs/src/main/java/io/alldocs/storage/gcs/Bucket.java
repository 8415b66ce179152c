package io.alldocs.storage.gcs;

import com.google.cloud.BaseServiceException;
import com.google.cloud.storage.Blob;
import com.google.cloud.storage.BlobId;
import com.google.cloud.storage.Storage;
import com.google.cloud.storage.Storage.BlobField;
import com.google.cloud.storage.Storage.BlobGetOption;
import com.google.cloud.storage.Storage.BlobListOption;
import io.alldocs.cache.ValueTooLargeException;
import io.alldocs.cache.spi.DriverSupport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.util.Optional;

/** Sends requests to one bucket and translates their errors. Safe for concurrent use. */
final class Bucket {
    private final Storage client;
    private final String name;
    private final DriverSupport support;
    private volatile boolean seen;

    Bucket(Storage client, String name, DriverSupport support) {
        this.client = client;
        this.name = name;
        this.support = support;
    }

    Storage client() {
        return client;
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
        require(found.isPresent(), verb, key);
        return found;
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
            attempt(verb, key, () -> client.list(name, BlobListOption.pageSize(1), onlyNames()));
        }
        seen = true;
    }

    static BlobListOption onlyNames() {
        return BlobListOption.fields(BlobField.NAME);
    }
}
