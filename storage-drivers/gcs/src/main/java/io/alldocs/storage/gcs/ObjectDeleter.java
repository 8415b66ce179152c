package io.alldocs.storage.gcs;

import com.google.api.client.http.HttpResponse;
import com.google.cloud.BaseServiceException;
import com.google.cloud.storage.StorageBatch;
import com.google.cloud.storage.StorageBatchResult;
import io.alldocs.cache.spi.StorageException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/** Deletes objects of a bucket, alone or many per request. */
final class ObjectDeleter {
    /** Maximum size of a batch request: <a href="https://cloud.google.com/storage/docs/batch">Batch requests</a>. */
    static final int MAX_BATCH = 100;

    private static final int NO_CONTENT = 204;
    private static final int NOT_FOUND = 404;

    private final Bucket bucket;

    ObjectDeleter(Bucket bucket) {
        this.bucket = bucket;
    }

    void delete(String key) {
        String name = bucket.support().nameOf(key);
        int status = bucket.attempt("delete", key, () -> status(name));
        if (status != NO_CONTENT && status != NOT_FOUND) {
            throw bucket.support().foreignResponse("delete", key, "HTTP " + status, null);
        }
        bucket.require(status == NO_CONTENT, "delete", key);
    }

    private int status(String name) {
        try {
            return bucket.api().send(storage -> {
                HttpResponse answer =
                        storage.objects().delete(bucket.name(), name).executeUnparsed();
                answer.disconnect();
                return answer.getStatusCode();
            });
        } catch (BaseServiceException e) {
            if (e.getCode() == NOT_FOUND) {
                return NOT_FOUND;
            }
            throw e;
        }
    }

    void deleteAll(Collection<String> keys) {
        bucket.support().requireAll(keys);
        List<String> distinct = new ArrayList<>(new LinkedHashSet<>(keys));
        for (int i = 0; i < distinct.size(); i += MAX_BATCH) {
            deleteBatch(distinct.subList(i, Math.min(distinct.size(), i + MAX_BATCH)));
        }
    }

    /**
     * Deletes keys in a batch. Keys that the batch did not complete are then deleted one at a time, because the SDK
     * sends a batch only once.
     */
    private void deleteBatch(List<String> keys) {
        StorageBatch batch = bucket.client().batch();
        Map<String, StorageBatchResult<Boolean>> results = new LinkedHashMap<>();
        for (String key : keys) {
            results.put(key, batch.delete(bucket.object(key)));
        }
        boolean sent = sent(batch, keys.get(0));
        results.forEach((key, result) -> {
            if (!sent || !deleted(result)) {
                delete(key);
            }
        });
    }

    private boolean sent(StorageBatch batch, String first) {
        try {
            bucket.attempt("delete a batch that begins with", first, () -> {
                batch.submit();
                return batch;
            });
            return true;
        } catch (StorageException e) {
            return false;
        }
    }

    /** Returns whether the response confirms that the object no longer exists. */
    private boolean deleted(StorageBatchResult<Boolean> result) {
        try {
            if (Boolean.TRUE.equals(result.get())) {
                bucket.seen();
            }
            return bucket.isSeen();
        } catch (BaseServiceException | IllegalStateException e) {
            // IllegalStateException: the response contains no result for this key.
            return false;
        }
    }
}
