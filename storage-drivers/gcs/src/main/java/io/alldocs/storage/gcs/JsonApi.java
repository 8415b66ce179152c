package io.alldocs.storage.gcs;

import com.google.api.core.ApiClock;
import com.google.api.gax.retrying.RetrySettings;
import com.google.api.services.storage.Storage;
import com.google.cloud.RetryHelper;
import com.google.cloud.storage.StorageException;
import com.google.cloud.storage.StorageOptions;
import com.google.cloud.storage.StorageRetryStrategy;
import com.google.cloud.storage.spi.v1.HttpStorageRpc;
import java.io.IOException;

/**
 * Requests to Google's JSON API whose responses the SDK's own methods do not show as a whole. Uses the transport, the
 * credentials and the retry settings of a client. Safe for concurrent use.
 */
final class JsonApi {
    private final Storage api;
    private final RetrySettings retries;
    private final ApiClock clock;

    JsonApi(StorageOptions options) {
        this.api = new HttpStorageRpc(options).getStorage();
        this.retries = options.getRetrySettings();
        this.clock = options.getClock();
    }

    /** An idempotent request. */
    interface Request<T> {
        T send(Storage api) throws IOException;
    }

    /**
     * Sends a request, with retries.
     *
     * @throws StorageException of the SDK, if the request fails
     */
    <T> T send(Request<T> request) {
        try {
            return RetryHelper.runWithRetries(
                    () -> sendOnce(request),
                    retries,
                    StorageRetryStrategy.getDefaultStorageRetryStrategy().getIdempotentHandler(),
                    clock);
        } catch (RetryHelper.RetryHelperException e) {
            throw StorageException.translateAndThrow(e);
        }
    }

    private <T> T sendOnce(Request<T> request) throws IOException {
        try {
            return request.send(api);
        } catch (IOException e) {
            throw StorageException.translate(e);
        }
    }
}
