package io.alldocs.storage.gcs;

import com.google.cloud.BaseServiceException;
import io.alldocs.cache.spi.DriverSupport;
import io.alldocs.cache.spi.StorageException;
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
    static StorageException ofAnswer(DriverSupport support, String verb, String key, Throwable thrown) {
        Throwable cause = Redaction.redacted(thrown);
        return support.failure(
                verb,
                key,
                "the store's response cannot be parsed (check the endpoint and the proxy); "
                        + firstLine(cause.toString()),
                true,
                cause);
    }

    static StorageException of(DriverSupport support, String verb, String key, BaseServiceException thrown) {
        BaseServiceException cause = Redaction.redacted(thrown);
        if (has(thrown, InterruptedException.class)) {
            // The SDK clears the interrupt flag when it ends a wait.
            throw support.interrupted(verb, key, cause);
        }
        int status = cause.getCode();
        if (status < 300 && (thrown.getCause() == null || isOfParser(thrown))) {
            return ofAnswer(support, verb, key, cause);
        }
        String reason = cause.getReason();
        if (status >= 300) {
            String why = advice(status, reason) + "HTTP " + status + (reason == null ? "" : " " + reason) + ", "
                    + firstLine(cause.getMessage());
            boolean mayPass = DriverSupport.isTransient(status) || (reason != null && PASSING.contains(reason));
            return support.failure(verb, key, why, mayPass, cause);
        }
        boolean unreachable = has(thrown, IOException.class);
        String advice = unreachable
                ? "the store could not be reached, or its response was incomplete (check the network and the endpoint); "
                : "the request could not be sent (check the credentials and the endpoint); ";
        return support.failure(verb, key, advice + firstLine(cause.getMessage()), unreachable, cause);
    }

    /** For uploads, the SDK writes the request and the response into its messages, on more lines. */
    private static String firstLine(@Nullable String message) {
        return String.valueOf(message).lines().findFirst().orElse("");
    }

    /** Returns whether the SDK failed to parse a response. Without a cause, it refused a parsed response. */
    private static boolean isOfParser(Throwable error) {
        return has(error, IllegalArgumentException.class)
                || has(error, NullPointerException.class)
                || has(error, IndexOutOfBoundsException.class);
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
            return "the bucket has Requester Pays enabled, but no billing project is set; use a client with a quota"
                    + " project; ";
        }
        return switch (status) {
            case 401 ->
                "the credentials are missing or were not accepted (check GOOGLE_APPLICATION_CREDENTIALS, or run"
                        + " gcloud auth application-default login); ";
            case 403 ->
                "the credentials lack a permission on the bucket (storage.objects.get, .create, .update, .delete or"
                        + " .list); ";
            case 404 -> "the bucket does not exist (check its name and the endpoint, or create it); ";
            case 412 -> "another writer changed the value at the same time; retry; ";
            case 429, 503 -> "the store throttles requests; lower the concurrency; ";
            default -> "";
        };
    }
}
