package io.alldocs.worker;

import io.alldocs.cache.JsonTree;
import java.util.Map;

/**
 * Handles {@code POST /work} of a {@link WorkerServer}, in the protocol in which a platform delivers work. The server
 * has already checked size and token. Called by several threads at the same time.
 */
@FunctionalInterface
public interface WorkHandler {

    /**
     * An HTTP request.
     *
     * @param headers header names in lower case; the first value if there are several
     * @param query decoded query parameters; the last value if there are several
     * @param body the body as received
     */
    record Request(Map<String, String> headers, Map<String, String> query, byte[] body) {}

    /**
     * An HTTP response.
     *
     * @param status the HTTP status
     * @param headers headers in addition to those the server sets
     * @param body the body, sent as JSON
     */
    record Response(int status, Map<String, String> headers, JsonTree body) {

        /**
         * Creates a response without additional headers.
         *
         * @param body any value that {@link JsonTree#of} accepts
         */
        public static Response of(int status, Object body) {
            return new Response(status, Map.of(), JsonTree.of(body));
        }
    }

    /**
     * Handles a request.
     *
     * @param worker the running worker
     * @throws IllegalArgumentException if the body is invalid; the server responds 400 with the message
     * @throws io.alldocs.worker.spi.QueueException if the queue is unreachable; the server responds 503
     * @throws InterruptedException if the server stops; it responds 503
     */
    Response handle(Request request, Worker worker) throws InterruptedException;
}
