package io.alldocs.storage.cloudflare;

import io.alldocs.cache.spi.DriverSupport;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.http.AuthException;
import io.alldocs.http.IntermediaryResponseException;
import io.alldocs.http.RequestException;

/**
 * Translates errors of the API into storage exceptions. The decision uses the type, status and error code, never the
 * message text.
 */
final class Failures {
    /** Maximum number of responses in a row that report a key as not done. */
    static final int MAX_ANSWERS = 3;

    private final DriverSupport support;

    Failures(DriverSupport support) {
        this.support = support;
    }

    StorageException of(String verb, String key, RequestException cause) {
        return ofGroup(verb, key, 1, cause);
    }

    /** @param count number of keys in the failed request */
    StorageException ofGroup(String verb, String key, int count, RequestException cause) {
        if (cause.getCause() instanceof IntermediaryResponseException) {
            return failure(
                    verb,
                    key,
                    count,
                    "the response is not Cloudflare's (check the endpoint, and whether a proxy answers in its place); "
                            + cause.getMessage(),
                    cause.retryable(),
                    cause);
        }
        if (cause.status().isEmpty()) {
            return failure(
                    verb,
                    key,
                    count,
                    "the API could not be reached, or its response was incomplete (check the network and the endpoint); "
                            + cause.getMessage(),
                    cause.retryable(),
                    cause);
        }
        int status = cause.status().getAsInt();
        // The client's own advice on 401 and 403 applies to registries only.
        String answer = cause instanceof AuthException ? "HTTP " + status : cause.getMessage();
        return failure(verb, key, count, advice(status) + answer, cause.retryable(), cause);
    }

    StorageException of(String verb, String key, RefusedException cause) {
        return ofGroup(verb, key, 1, cause);
    }

    /** @param count number of keys in the failed request */
    StorageException ofGroup(String verb, String key, int count, RefusedException cause) {
        return failure(verb, key, count, advice(cause.status()) + cause.getMessage(), /* retryable= */ false, cause);
    }

    private StorageException failure(
            String verb, String key, int count, String why, boolean retryable, Throwable cause) {
        String others = count == 1 ? "" : ", together with " + (count - 1) + " others,";
        return support.failure(support.described(verb, key) + others, why, retryable, cause);
    }

    /** Returns the exception for a key that {@link #MAX_ANSWERS} responses in a row reported as not done. */
    StorageException leftUndone(String verb, String key) {
        return support.failure(
                verb,
                key,
                "Cloudflare reported " + MAX_ANSWERS + " times that it processed all keys but this one; retry later",
                true,
                null);
    }

    private static String advice(int status) {
        return switch (status) {
            case 401, 403 ->
                "the token is wrong, expired, or lacks a permission (CLOUDFLARE_API_TOKEN needs Workers KV Storage:"
                        + " Edit on this account); ";
            case 404 -> "the namespace does not exist (check account, namespace and endpoint, or create it); ";
            case 413 -> "the request is larger than Cloudflare accepts; ";
            case 429 ->
                "the account has exceeded the rate limit of the API (1,200 requests in five minutes for all of its"
                        + " tools); lower the rate; ";
            default -> "";
        };
    }
}
