package io.alldocs.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.JsonTree;
import io.alldocs.worker.internal.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Adds the received items to the worker's queue; with {@code ?wait} processes them immediately. */
final class QueueingHandler implements WorkHandler {

    @Override
    public Response handle(Request request, Worker worker) throws InterruptedException {
        JsonNode json = Json.parse(request.body());
        List<WorkItem> items = items(json);
        Optional<WorkItem> foreign = items.stream()
                .filter(item -> !worker.types().contains(item.type()))
                .findFirst();
        if (foreign.isPresent()) {
            return refused(foreign.get(), worker);
        }
        String wait = request.query().getOrDefault("wait", "false");
        return wait.equals("false") ? enqueue(items, worker) : WorkResponses.processed(items, worker);
    }

    /** Rejects a request with an invalid item as a whole: the caller corrects the request and sends all items again. */
    private static Response refused(WorkItem item, Worker worker) {
        String reason = "Item " + item.id() + ": no processor is registered for type "
                + JsonNodeFactory.instance.textNode(item.type()) + "; the registered types are " + worker.types()
                + ". Nothing was added.";
        return Response.of(422, JsonNodeFactory.instance.objectNode().put("error", reason));
    }

    private static List<WorkItem> items(JsonNode json) {
        if (!json.isArray()) {
            return List.of(WorkItem.of(JsonTree.of(json)));
        }
        List<WorkItem> items = new ArrayList<>(json.size());
        json.forEach(each -> items.add(WorkItem.of(JsonTree.of(each))));
        return items;
    }

    private static Response enqueue(List<WorkItem> items, Worker worker) {
        int added = worker.queue().enqueue(items, Duration.ZERO);
        ObjectNode response = JsonNodeFactory.instance.objectNode().put("added", added);
        ArrayNode ids = response.putArray("ids");
        items.forEach(item -> ids.add(item.id()));
        return Response.of(202, response);
    }
}
