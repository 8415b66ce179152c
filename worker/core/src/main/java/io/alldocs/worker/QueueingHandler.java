package io.alldocs.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Adds what it is given to the worker's queue; with {@code ?wait} does it at once. */
final class QueueingHandler implements WorkHandler {

    @Override
    public Answer handle(Request request, Worker worker) throws InterruptedException {
        JsonNode json = Json.parse(request.body());
        List<WorkItem> items = items(json);
        String wait = request.query().getOrDefault("wait", "false");
        return wait.equals("false") ? enqueue(items, worker) : WorkAnswers.performed(items, worker);
    }

    private static List<WorkItem> items(JsonNode json) {
        if (!json.isArray()) {
            return List.of(WorkItem.of(json));
        }
        List<WorkItem> items = new ArrayList<>(json.size());
        json.forEach(each -> items.add(WorkItem.of(each)));
        return items;
    }

    private static Answer enqueue(List<WorkItem> items, Worker worker) {
        int added = worker.queue().enqueue(items, Duration.ZERO);
        ObjectNode answer = JsonNodeFactory.instance.objectNode().put("added", added);
        ArrayNode ids = answer.putArray("ids");
        items.forEach(item -> ids.add(item.id()));
        return Answer.of(202, answer);
    }
}
