package io.alldocs.http;

import java.io.IOException;

/**
 * Turns an answer into a value. Called once per attempt. An {@link IOException} it throws, plain or in a {@link
 * java.io.UncheckedIOException}, counts as a cut answer and is retried; any other {@link RuntimeException} goes to the
 * caller at once.
 */
@FunctionalInterface
public interface ReplyReader<T> {
    /**
     * Reads what it needs of {@code reply}; the client closes the body afterwards.
     *
     * @throws IOException when the answer is not whole or not what was asked for; the attempt failed
     * @throws InterruptedException when the thread was interrupted; the call is cancelled
     */
    T read(HttpReply reply) throws IOException, InterruptedException;
}
