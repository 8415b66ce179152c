package io.alldocs.storage.fastly;

import io.alldocs.cache.spi.DriverSupport;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.http.AuthException;
import io.alldocs.http.IntermediaryResponseException;
import io.alldocs.http.RequestException;

/**
 * Translates errors of the HTTP client into storage exceptions. An error is retryable if the client, having retried it,
 * reports it as transient, or if a write conflicted with another one.
 */
final class Failures {
    static final int PRECONDITION_FAILED = 412;

    private final DriverSupport support;
    private final String store;

    /** @param store what is missing if Fastly answers 404 */
    Failures(DriverSupport support, String store) {
        this.support = support;
        this.store = store;
    }

    StorageException of(String verb, String key, RequestException cause) {
        if (cause.getCause() instanceof IntermediaryResponseException) {
            return support.foreignResponse(verb, key, String.valueOf(cause.getMessage()), cause);
        }
        if (cause.status().isEmpty()) {
            return support.failure(
                    verb,
                    key,
                    "the store could not be reached, or its response was incomplete (check the network and the endpoint); "
                            + cause.getMessage(),
                    cause.retryable(),
                    cause);
        }
        int status = cause.status().getAsInt();
        // The client's own advice on 401 and 403 applies to registries only.
        String answer = cause instanceof AuthException ? "HTTP " + status : cause.getMessage();
        boolean mayPass = cause.retryable() || status == PRECONDITION_FAILED;
        return support.failure(verb, key, advice(status) + answer, mayPass, cause);
    }

    private String advice(int status) {
        return switch (status) {
            case 401 -> "the API token is missing, expired or unknown to Fastly (check FASTLY_API_TOKEN); ";
            case 403 ->
                "the API token lacks a permission (check its scope, its user's role and the account of the store); ";
            case 404 -> store + " does not exist, or the endpoint is wrong (check both, or create it); ";
            case PRECONDITION_FAILED -> "another writer changed the value at the same time; retry; ";
            case 413 -> "the value is larger than the limit of the account; set maxValueBytes to that limit; ";
            case 429 ->
                "the rate limit is exceeded (by default 1,000 writes an hour for a user; a batch counts as one);"
                        + " lower the rate; ";
            default -> "";
        };
    }
}
