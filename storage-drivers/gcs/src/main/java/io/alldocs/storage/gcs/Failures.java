package io.alldocs.storage.gcs;

import com.google.cloud.BaseServiceException;
import io.alldocs.cache.StorageException;
import java.io.IOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Translates errors of the SDK into storage exceptions and decides which of them are retryable. The decision uses the
 * status and the <a href="https://cloud.google.com/storage/docs/json_api/v1/status-codes">reason</a>, never the message
 * text.
 */
final class Failures {
    private static final Set<String> PASSING =
            Set.of("rateLimitExceeded", "userRateLimitExceeded", "backendError", "internalError");

    private Failures() {}

    /**
     * Wraps the exceptions that the SDK throws for a malformed response, such as an invalid number or a missing member.
     */
    static StorageException ofAnswer(String attempt, Throwable cause) {
        return new StorageException(
                "Cannot " + attempt + " (driver gcs): the store's answer cannot be read (endpoint, proxy?); " + cause,
                true,
                cause);
    }

    /** @param attempt completes the sentence "Cannot ..." in the message; names the key and the bucket */
    static StorageException of(String attempt, BaseServiceException cause) {
        if (has(cause, InterruptedException.class)) {
            // The SDK clears the interrupt flag when it ends a wait.
            Thread.currentThread().interrupt();
            return interrupted(attempt, cause);
        }
        int status = cause.getCode();
        if (status >= 300) {
            return new StorageException(
                    "Cannot " + attempt + " (driver gcs): " + advice(status, cause.getReason()) + "HTTP " + status
                            + (cause.getReason() == null ? "" : " " + cause.getReason()) + ", " + cause.getMessage(),
                    mayPass(status, cause.getReason()),
                    cause);
        }
        boolean unreachable = has(cause, IOException.class);
        String advice = unreachable
                ? "the store could not be reached, or its answer broke off (network, endpoint?); "
                : "the request could not be made (credentials, endpoint?); ";
        return new StorageException(
                "Cannot " + attempt + " (driver gcs): " + advice + cause.getMessage(), unreachable, cause);
    }

    static StorageException interrupted(String attempt, @Nullable Throwable cause) {
        return new StorageException("Cannot " + attempt + " (driver gcs): the thread was interrupted", true, cause);
    }

    /** Returns the exception for a body that cannot be read. */
    static StorageException unreadable(String attempt, IOException cause) {
        return new StorageException(
                "Cannot " + attempt + " (driver gcs): the body to be stored cannot be read; " + cause.getMessage(),
                false,
                cause);
    }

    private static boolean has(Throwable error, Class<? extends Throwable> type) {
        Throwable each = error;
        while (each != null) {
            if (type.isInstance(each)) {
                return true;
            }
            each = each.getCause();
        }
        return false;
    }

    static boolean mayPass(int status, @Nullable String reason) {
        boolean passing = status == 408 || status == 429 || (status >= 500 && status != 501 && status != 505);
        return passing || (reason != null && PASSING.contains(reason));
    }

    private static String advice(int status, @Nullable String reason) {
        if ("userProjectMissing".equals(reason)) {
            return "the bucket's readers pay and no project is named to pay; use a client with a quota project; ";
        }
        return switch (status) {
            case 401 ->
                "the credentials are missing or were not accepted (GOOGLE_APPLICATION_CREDENTIALS, gcloud auth"
                        + " application-default login?); ";
            case 403 ->
                "the credentials do not allow it (storage.objects.get, .create, .update, .delete, .list on the"
                        + " bucket?); ";
            case 404 -> "the bucket does not exist (name, endpoint?); create it; ";
            case 412 -> "another writer was faster; do it again; ";
            case 429, 503 -> "the store asks for fewer requests; do less at a time; ";
            default -> "";
        };
    }
}
