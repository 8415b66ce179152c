package io.alldocs.worker;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/**
 * Answers {@code POST /work} of a {@link WorkerServer}: how a platform's own way of handing out work is spoken. The
 * server has checked size and token before. Called by several threads at the same time.
 */
@FunctionalInterface
public interface WorkHandler {

    /**
     * A request.
     *
     * @param headers names in lower case; of several values the first
     * @param query parameters of the address, decoded; of several values the last
     * @param body as it came
     */
    record Request(Map<String, String> headers, Map<String, String> query, byte[] body) {}

    /**
     * An answer.
     *
     * @param status of HTTP
     * @param headers beside those that the server sets
     * @param body sent as JSON
     */
    record Answer(int status, Map<String, String> headers, JsonNode body) {

        /** Without headers of its own. */
        public static Answer of(int status, JsonNode body) {
            return new Answer(status, Map.of(), body);
        }
    }

    /**
     * Answers.
     *
     * @param worker that is running
     * @throws IllegalArgumentException when the body is not what it should be: the server answers 400 with its message
     * @throws io.alldocs.worker.spi.QueueException when the queue cannot be reached: the server answers 503
     * @throws InterruptedException when the server stops: it answers 503
     */
    Answer handle(Request request, Worker worker) throws InterruptedException;
}
