package io.alldocs.worker.cloudflare;

import io.alldocs.http.AuthException;
import io.alldocs.http.RequestException;
import io.alldocs.worker.spi.QueueException;

/**
 * Translates errors of requests into queue exceptions. The decision uses the type and status, never the message text.
 */
final class Failures {
    private Failures() {}

    /** @param attempt completes the sentence "Cannot ..." in the message; names the queue */
    static QueueException of(String attempt, RequestException cause) {
        if (cause.status().isEmpty()) {
            return failure(
                    attempt,
                    "the Worker could not be reached, or its response was incomplete (check the network and"
                            + " WORK_QUEUE_URL); "
                            + cause.getMessage(),
                    cause.retryable(),
                    cause);
        }
        int status = cause.status().getAsInt();
        // The client's own advice on 401 and 403 applies to registries only.
        String answer = cause instanceof AuthException ? "HTTP " + status : cause.getMessage();
        return failure(attempt, advice(status) + answer, cause.retryable(), cause);
    }

    static QueueException of(String attempt, QueueRequests.NoQueueException cause) {
        return failure(
                attempt,
                cause.getMessage() + "; deploy queue.js of this version, and set WORK_QUEUE_URL to its address",
                false,
                cause);
    }

    private static QueueException failure(String attempt, String reason, boolean retryable, Throwable cause) {
        return new QueueException("Cannot " + attempt + ": " + reason, retryable, cause);
    }

    private static String advice(int status) {
        return switch (status) {
            case 401, 403 ->
                "the Worker does not accept the token (compare WORK_QUEUE_TOKEN with its secret QUEUE_TOKEN); ";
            case 404 -> "there is no queue at this address (check WORK_QUEUE_URL); ";
            case 429 -> "the account has exceeded its request limit for Workers; ";
            case 500 -> "the Worker failed: its secret QUEUE_TOKEN is missing, or see its log (wrangler tail); ";
            default -> "";
        };
    }
}
