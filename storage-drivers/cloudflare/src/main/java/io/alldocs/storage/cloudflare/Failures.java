package io.alldocs.storage.cloudflare;

import io.alldocs.cache.StorageException;
import io.alldocs.http.AuthException;
import io.alldocs.http.RequestException;
import io.alldocs.http.RequestInterruptedException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Translates errors of the API into storage exceptions. The decision uses the type, status and error code, never the
 * message text.
 */
final class Failures {
    private Failures() {}

    /** @param attempt completes the sentence "Cannot ..." in the message; names the key and the namespace */
    static StorageException of(String attempt, RequestException cause) {
        if (cause instanceof RequestInterruptedException) {
            return interrupted(attempt, cause);
        }
        if (cause.status().isEmpty()) {
            return new StorageException(
                    start(attempt) + "the API could not be reached, or its answer broke off (network, endpoint?); "
                            + cause.getMessage(),
                    cause.retryable(),
                    cause);
        }
        int status = cause.status().getAsInt();
        // The client's own advice on 401 and 403 applies to registries only.
        String answer = cause instanceof AuthException ? "HTTP " + status : cause.getMessage();
        return new StorageException(start(attempt) + advice(status) + answer, cause.retryable(), cause);
    }

    static StorageException of(String attempt, KvApi.RefusedException cause) {
        return new StorageException(
                start(attempt) + advice(cause.status) + cause.getMessage(), /* retryable= */ false, cause);
    }

    /** @param answers number of consecutive responses that reported this key as not done */
    static StorageException leftUndone(String attempt, int answers) {
        return new StorageException(
                start(attempt) + "Cloudflare answered " + answers
                        + " times that it did all but this key; try again later",
                true,
                null);
    }

    static StorageException interrupted(String attempt, @Nullable Throwable cause) {
        return new StorageException(
                start(attempt) + "the thread was interrupted; what was under way may be done or not", true, cause);
    }

    /** Returns the exception for a body that cannot be read. */
    static StorageException unreadable(String attempt, IOException cause) {
        return new StorageException(
                start(attempt) + "the body to be stored cannot be read; " + cause.getMessage(), false, cause);
    }

    private static String start(String attempt) {
        return "Cannot " + attempt + " (driver cloudflare): ";
    }

    private static String advice(int status) {
        return switch (status) {
            case 401, 403 ->
                "the token is wrong, has expired, or does not allow it (CLOUDFLARE_API_TOKEN with the permission Workers"
                        + " KV Storage: Edit on this account?); ";
            case 404 -> "the namespace does not exist (account, namespace, endpoint?); create it; ";
            case 413 -> "Cloudflare takes no requests of this size; ";
            case 429 ->
                "the account's requests to the API are used up for now (1,200 in five minutes for all of its"
                        + " tools); lower the rate; ";
            default -> "";
        };
    }
}
