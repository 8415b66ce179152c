package io.alldocs.http;

import java.io.IOException;

/**
 * Converts a response to a value. Called once per attempt. An {@link IOException} that it throws, directly or in a
 * {@link java.io.UncheckedIOException}, counts as a truncated response and is retried. Any other
 * {@link RuntimeException} reaches the caller at once.
 */
@FunctionalInterface
public interface ResponseReader<T> {
    /**
     * Reads the required part of {@code reply}; the client closes the body afterwards.
     *
     * @throws IOException if the response is incomplete or not the requested one; the attempt has failed
     * @throws InterruptedException if the thread was interrupted; the call is cancelled
     */
    T read(ClientResponse reply) throws IOException, InterruptedException;
}
