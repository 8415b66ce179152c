package io.alldocs.storage.gcs;

import com.google.api.gax.retrying.RetrySettings;
import com.google.auth.Credentials;
import com.google.auth.oauth2.GoogleCredentials;
import com.google.cloud.NoCredentials;
import com.google.cloud.http.HttpTransportOptions;
import com.google.cloud.storage.HttpStorageOptions;
import com.google.cloud.storage.Storage;
import com.google.cloud.storage.StorageOptions;
import com.google.cloud.storage.StorageRetryStrategy;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Creates a driver's own client; the package description explains the settings. */
final class ClientOptions {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    /** Limits the time without data, not the length of a transfer. */
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(60);

    /**
     * Requests for objects do not name a project. Without a value the SDK would try to detect one, even over the
     * network.
     */
    private static final String PROJECT = "none";

    @Nullable
    URI endpoint;

    @Nullable
    Credentials credentials;

    int maxAttempts = 6;

    /** The default of the SDK; tests set a shorter delay. */
    Duration firstRetryDelay = Duration.ofSeconds(1);

    Storage client() {
        HttpStorageOptions.Builder options = StorageOptions.http()
                .setProjectId(PROJECT)
                .setCredentials(credentials == null ? defaultCredentials() : credentials)
                .setTransportOptions(HttpTransportOptions.newBuilder()
                        .setConnectTimeout((int) CONNECT_TIMEOUT.toMillis())
                        .setReadTimeout((int) READ_TIMEOUT.toMillis())
                        .build())
                .setStorageRetryStrategy(StorageRetryStrategy.getUniformStorageRetryStrategy())
                .setRetrySettings(retries());
        if (endpoint != null) {
            String address = endpoint.toString();
            options.setHost(address.endsWith("/") ? address.substring(0, address.length() - 1) : address);
        }
        return options.build().getService();
    }

    private RetrySettings retries() {
        return StorageOptions.getDefaultRetrySettings().toBuilder()
                .setMaxAttempts(maxAttempts)
                .setInitialRetryDelayDuration(firstRetryDelay)
                .build();
    }

    private static Credentials defaultCredentials() {
        try {
            return GoogleCredentials.getApplicationDefault();
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "Found no credentials for Google Cloud Storage: set GOOGLE_APPLICATION_CREDENTIALS to a file, run"
                            + " gcloud auth application-default login, or pass credentials in code; " + e.getMessage(),
                    e);
        }
    }

    static Credentials none() {
        return NoCredentials.getInstance();
    }
}
