package io.alldocs.worker.cloudrun;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.alldocs.cache.JsonTree;
import io.alldocs.worker.WorkHandler;
import io.alldocs.worker.WorkItem;
import java.io.IOException;
import java.util.Base64;
import java.util.Map;

/**
 * A work item in the format of a Google service.
 *
 * <ul>
 * <li><a href="https://cloud.google.com/tasks/docs/creating-http-target-tasks#handler">Cloud Tasks</a> sends the body
 * with which the task was created. The header {@code X-CloudTasks-TaskRetryCount} contains the number of earlier
 * attempts.
 * <li><a href="https://cloud.google.com/pubsub/docs/push#receive_push">Pub/Sub</a> wraps the body:
 * {@code {"message": {"data": base64, "messageId", …}, "subscription", "deliveryAttempt"}}. The last member is present
 * if the subscription has a dead-letter topic. With payload unwrapping, Pub/Sub sends the body alone.
 * </ul>
 */
final class Push {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static final String TASK_RETRIES = "x-cloudtasks-taskretrycount";

    private Push() {}

    /**
     * Returns the item, with the number of earlier attempts as the service counts them.
     *
     * @throws IllegalArgumentException if the body is not valid; the message gives the reason
     */
    static WorkItem item(WorkHandler.Request request) {
        JsonNode json = parsed(request.body(), "The body");
        if (!json.path("message").isObject()) {
            return WorkItem.of(JsonTree.of(json)).withAttempts(taskRetries(request.headers()));
        }
        WorkItem item = WorkItem.of(JsonTree.of(parsed(data(json.path("message")), "The data of the Pub/Sub message")));
        return item.withAttempts(Math.max(0, json.path("deliveryAttempt").asInt(1) - 1));
    }

    private static byte[] data(JsonNode message) {
        try {
            return Base64.getDecoder().decode(message.path("data").asText());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("The data of the Pub/Sub message is not base64.", e);
        }
    }

    private static JsonNode parsed(byte[] json, String what) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(what + " is not JSON: " + e.getOriginalMessage() + ".", e);
        } catch (IOException e) {
            throw new IllegalArgumentException(what + " is not JSON.", e);
        }
    }

    private static int taskRetries(Map<String, String> headers) {
        try {
            return Math.max(0, Integer.parseInt(headers.getOrDefault(TASK_RETRIES, "0")));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("The header " + TASK_RETRIES + " is not a number.", e);
        }
    }
}
