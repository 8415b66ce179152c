package io.alldocs.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.JsonTree;
import io.alldocs.worker.WorkHandler.Response;
import io.alldocs.worker.internal.lease.FailureDecision;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Processes items within an HTTP request and reports the outcome as an HTTP status. */
public final class WorkResponses {
    private static final Duration DEFAULT_PAUSE = Duration.ofSeconds(5);

    private WorkResponses() {}

    /**
     * Processes {@code items} in order until one fails. Responds 200 with one result per item, and 422 for an item that
     * would fail again. For an item that may succeed later, it responds 503 with a {@code Retry-After}. Sending all
     * items again is safe.
     *
     * @throws InterruptedException if the calling thread is interrupted
     */
    static Response processed(List<WorkItem> items, Worker worker) throws InterruptedException {
        return processed(items, worker::perform);
    }

    /**
     * Processes one item and all work that follows from it ({@link Worker#executeWithFollowUps}), and responds in the
     * same way. For platforms that discard an item on a 200 response and redeliver it on any other status.
     *
     * @throws InterruptedException if the calling thread is interrupted, or the worker stops
     */
    public static Response processedWithFollowUps(WorkItem item, Worker worker) throws InterruptedException {
        return processed(List.of(item), worker::executeWithFollowUps);
    }

    private interface Performance {
        WorkResult of(WorkItem item) throws InterruptedException;
    }

    private static Response processed(List<WorkItem> items, Performance performance) throws InterruptedException {
        ObjectNode response = JsonNodeFactory.instance.objectNode();
        ArrayNode results = response.putArray("results");
        for (WorkItem item : items) {
            try {
                WorkResult result = performance.of(item.withAttempts(item.attempts() + 1));
                results.addObject()
                        .put("id", item.id())
                        .put("units", result.units())
                        .set("details", result.details().as(JsonNode.class));
            } catch (RuntimeException e) {
                if (Thread.interrupted()) {
                    throw interrupted(e);
                }
                return failed(item, e, response);
            }
        }
        return Response.of(200, response);
    }

    private static InterruptedException interrupted(RuntimeException cause) {
        InterruptedException interrupted = new InterruptedException("The worker is stopping.");
        interrupted.initCause(cause);
        return interrupted;
    }

    private static Response failed(WorkItem item, RuntimeException error, ObjectNode response) {
        response.put("error", "Item " + item.id() + ": " + FailureDecision.reason(error));
        FailureDecision decision = FailureDecision.of(error);
        if (decision.action() == FailureDecision.Action.DEAD_LETTER) {
            return Response.of(422, response);
        }
        Duration after = decision.after() == null ? DEFAULT_PAUSE : decision.after();
        return new Response(
                503, Map.of("retry-after", String.valueOf(Math.max(1, after.toSeconds()))), JsonTree.of(response));
    }
}
