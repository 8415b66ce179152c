package io.alldocs.storage.gcs;

import com.google.cloud.BaseServiceException;
import io.alldocs.cache.StorageException;
import io.alldocs.cache.spi.DriverSupport;
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
    static StorageException ofAnswer(DriverSupport support, String verb, String key, Throwable cause) {
        return support.failure(
                verb, key, "the store's answer cannot be read (endpoint, proxy?); " + cause, true, cause);
    }

    static StorageException of(DriverSupport support, String verb, String key, BaseServiceException cause) {
        if (has(cause, InterruptedException.class)) {
            // The SDK clears the interrupt flag when it ends a wait.
            return support.interrupted(verb, key, cause);
        }
        int status = cause.getCode();
        String reason = cause.getReason();
        if (status >= 300) {
            String why = advice(status, reason) + "HTTP " + status + (reason == null ? "" : " " + reason) + ", "
                    + cause.getMessage();
            boolean mayPass = DriverSupport.isTransient(status) || (reason != null && PASSING.contains(reason));
            return support.failure(verb, key, why, mayPass, cause);
        }
        boolean unreachable = has(cause, IOException.class);
        String advice = unreachable
                ? "the store could not be reached, or its answer broke off (network, endpoint?); "
                : "the request could not be made (credentials, endpoint?); ";
        return support.failure(verb, key, advice + cause.getMessage(), unreachable, cause);
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
