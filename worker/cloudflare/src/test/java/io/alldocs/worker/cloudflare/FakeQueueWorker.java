package io.alldocs.worker.cloudflare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.alldocs.worker.LocalWorkQueue;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.spi.DeadLetter;
import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.QueueSizes;
import io.alldocs.worker.spi.Settlement;
import io.alldocs.worker.spi.WorkQueue;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Implements the protocol of {@code queue.js} with a local queue. It records requests, and tests can plan faults;
 * without a plan, it responds as the script does.
 */
final class FakeQueueWorker implements AutoCloseable {
    static final String TOKEN = "Planted-Token_9876543210zyxwvutsrq";

    private static final int DEAD_PER_PAGE = 100;
    private static final int MAX_ITEMS = 1_000;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern PAIR = Pattern.compile("([^&=]+)=([^&]*)");

    /** Handles one request in place of the normal response. */
    private interface Fault {
        void strike(HttpExchange exchange, byte[] body) throws IOException;
    }

    /** @param path without the query */
    record Asked(String method, String path, String query, JsonNode body) {}

    private record Answer(int status, JsonNode body) {}

    /** One queue, and the state that the script keeps in addition to its items. */
    private static final class Kept {
        final WorkQueue queue;
        final Map<String, JsonNode> answers = new ConcurrentHashMap<>();
        final Map<String, Lease> leases = new ConcurrentHashMap<>();
        final Set<String> cancelled = ConcurrentHashMap.newKeySet();
        long pausedUntil;

        Kept(WorkQueue queue) {
            this.queue = queue;
        }
    }

    private final Map<String, Kept> queues = new ConcurrentHashMap<>();
    private final Queue<Fault> faults = new ConcurrentLinkedQueue<>();
    private final Queue<Asked> seen = new ConcurrentLinkedQueue<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;
    private final Clock clock;

    FakeQueueWorker() throws IOException {
        this(Clock.systemUTC());
    }

    /** @param clock of the queues; the waits of requests use the system's clock */
    FakeQueueWorker(Clock clock) throws IOException {
        this.clock = clock;
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** Creates the queue with these options, if there is none of that name. */
    FakeQueueWorker serving(QueueOptions options) {
        queues.computeIfAbsent(
                options.name(),
                name -> new Kept(
                        LocalWorkQueue.builder().options(options).clock(clock).build()));
        return this;
    }

    void clear() {
        queues.values().forEach(kept -> kept.queue.close());
        queues.clear();
    }

    // ---- plans

    /** Returns the requests since the last call. */
    List<Asked> seen() {
        List<Asked> all = List.copyOf(seen);
        seen.removeAll(all);
        return all;
    }

    List<String> paths() {
        return seen().stream().map(Asked::path).toList();
    }

    /** Answers the next request with an error. */
    FakeQueueWorker answering(int status, Map<String, String> headers) {
        faults.add((exchange, body) -> {
            headers.forEach(exchange.getResponseHeaders()::set);
            send(exchange, status, "{\"error\":\"planned\"}".getBytes(StandardCharsets.UTF_8));
        });
        return this;
    }

    FakeQueueWorker answering(int status) {
        return answering(status, Map.of());
    }

    /** Answers the next request with a response that does not come from the script. */
    FakeQueueWorker answeringAsSomethingElse(String protocol, String body) {
        faults.add((exchange, ignored) -> {
            exchange.getResponseHeaders().set("all-docs-queue", protocol);
            if (protocol.isEmpty()) {
                exchange.getResponseHeaders().remove("all-docs-queue");
            }
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
        });
        return this;
    }

    /** Closes the connection before the next request takes effect. */
    FakeQueueWorker closing() {
        faults.add((exchange, body) -> {});
        return this;
    }

    /** Executes the next request, then loses the response. */
    FakeQueueWorker losingTheAnswer() {
        faults.add((exchange, body) -> answer(exchange, body));
        return this;
    }

    /** Executes the next request, then truncates the response. */
    FakeQueueWorker cuttingTheAnswer() {
        faults.add((exchange, body) -> {
            byte[] bytes = JSON.writeValueAsBytes(answer(exchange, body).body());
            exchange.getResponseHeaders().set("all-docs-queue", "1");
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes, 0, bytes.length / 2);
            exchange.getResponseBody().flush();
        });
        return this;
    }

    // ---- answers

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            note(exchange, body);
            Fault fault = faults.poll();
            if (fault != null) {
                fault.strike(exchange, body);
                return;
            }
            Answer answer = answer(exchange, body);
            send(exchange, answer.status(), JSON.writeValueAsBytes(answer.body()));
        }
    }

    private void note(HttpExchange exchange, byte[] body) throws IOException {
        URI uri = exchange.getRequestURI();
        seen.add(new Asked(exchange.getRequestMethod(), uri.getPath(), uri.getQuery(), JSON.readTree(body)));
    }

    private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("all-docs-queue", "1");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    private Answer answer(HttpExchange exchange, byte[] body) throws IOException {
        String authorization = exchange.getRequestHeaders().getFirst("authorization");
        if (!("Bearer " + TOKEN).equals(authorization)) {
            return refusal(401, "The token is missing or wrong.");
        }
        Map<String, String> query = query(exchange.getRequestURI());
        Kept kept = queues.get(query.get("queue"));
        if (kept == null) {
            return refusal(400, "No such queue in this test.");
        }
        JsonNode json = JSON.readTree(body);
        try {
            return new Answer(200, route(exchange, kept, json, query));
        } catch (IllegalArgumentException e) {
            return refusal(400, String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return refusal(503, "The test ends.");
        }
    }

    private static Answer refusal(int status, String reason) {
        return new Answer(status, JSON.createObjectNode().put("error", reason));
    }

    private static Map<String, String> query(URI uri) {
        Map<String, String> values = new HashMap<>();
        Matcher pairs = PAIR.matcher(uri.getQuery());
        while (pairs.find()) {
            values.put(pairs.group(1), pairs.group(2));
        }
        return values;
    }

    private static JsonNode route(HttpExchange exchange, Kept kept, JsonNode body, Map<String, String> query)
            throws InterruptedException {
        String route =
                exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
        return switch (route) {
            case "POST /enqueue" -> once(kept, query.get("request"), () -> enqueue(kept, body, query));
            case "POST /exchange" -> exchange(kept, body);
            case "POST /cancel" -> cancel(kept, body.get("request").asText());
            case "POST /renew" -> renew(kept, body);
            case "POST /pause" -> pause(kept, body.get("length").asLong());
            case "GET /pause" -> nextPause(kept, number(query, "seen"), number(query, "wait"));
            case "GET /sizes" -> sizes(kept.queue.sizes());
            case "GET /idle" ->
                JSON.createObjectNode().put("idle", kept.queue.awaitIdle(Duration.ofMillis(number(query, "wait"))));
            case "GET /dead" -> dead(kept, query);
            case "POST /dead/retry" ->
                once(kept, text(body, "request"), () -> changed(kept.queue.retryDead(texts(body.get("ids")))));
            case "POST /dead/discard" ->
                once(kept, text(body, "request"), () -> changed(kept.queue.discardDead(texts(body.get("ids")))));
            default -> throw new IllegalArgumentException("No such route: " + route);
        };
    }

    private interface Work {
        JsonNode run();
    }

    private static JsonNode once(Kept kept, String request, Work work) {
        return kept.answers.computeIfAbsent(request, name -> work.run());
    }

    private static JsonNode enqueue(Kept kept, JsonNode body, Map<String, String> query) {
        List<WorkItem> items = new ArrayList<>();
        for (JsonNode each : bounded(body)) {
            JsonNode payload = parsed(each.get("payloadJson").asText());
            items.add(WorkItem.of(each.get("type").asText(), each.get("id").asText(), payload)
                    .withPriority(each.get("priority").asInt())
                    .withAttempts(each.path("attempts").asInt()));
        }
        int added = kept.queue.enqueue(items, Duration.ofMillis(number(query, "delay")));
        return JSON.createObjectNode().put("added", added);
    }

    private static JsonNode exchange(Kept kept, JsonNode body) throws InterruptedException {
        String request = text(body, "request");
        JsonNode known = kept.answers.get(request);
        if (known != null) {
            return known;
        }
        ObjectNode answer = JSON.createObjectNode();
        ArrayNode passedOver = answer.putArray("passedOver");
        JsonNode settlements = bounded(body.get("settlements"));
        for (int i = 0; i < settlements.size(); i++) {
            if (!settle(kept, settlements.get(i))) {
                passedOver.add(i);
            }
        }
        int max = body.get("max").asInt();
        List<Lease> taken = max == 0
                ? List.of()
                : kept.queue.reserve(max, Duration.ofMillis(body.get("wait").asLong()));
        synchronized (kept) {
            if (kept.cancelled.contains(request)) {
                kept.queue.settle(taken.stream().map(Settlement.Released::new).toList());
                taken = List.of();
            }
            taken.forEach(lease -> kept.leases.put(key(lease.item().id(), request), lease));
            answer.putArray("leases")
                    .addAll(taken.stream().map(FakeQueueWorker::lease).toList());
            answer.put("more", taken.size() == MAX_ITEMS);
            kept.answers.put(request, answer);
        }
        return answer;
    }

    private static boolean settle(Kept kept, JsonNode settlement) {
        Lease lease = kept.leases.remove(key(text(settlement, "id"), text(settlement, "token")));
        if (lease == null) {
            return false;
        }
        Settlement became = switch (text(settlement, "became")) {
            case "done" -> new Settlement.Done(lease);
            case "handed-back" ->
                settlement.path("lost").asBoolean()
                        ? new Settlement.Lost(lease, text(settlement, "reason"))
                        : new Settlement.Released(lease);
            default ->
                new Settlement.Failed(
                        lease,
                        text(settlement, "reason"),
                        settlement.get("retryable").asBoolean(),
                        Duration.ofMillis(settlement.get("after").asLong()));
        };
        return kept.queue.settle(List.of(became)).isEmpty();
    }

    private static JsonNode cancel(Kept kept, String request) {
        synchronized (kept) {
            kept.cancelled.add(request);
            List<Lease> taken = new ArrayList<>();
            kept.leases.keySet().removeIf(key -> {
                boolean its = key.endsWith("|" + request);
                if (its) {
                    taken.add(kept.leases.get(key));
                }
                return its;
            });
            kept.queue.settle(taken.stream().map(Settlement.Released::new).toList());
        }
        return JSON.createObjectNode();
    }

    private static JsonNode renew(Kept kept, JsonNode body) {
        ObjectNode answer = JSON.createObjectNode();
        ArrayNode lost = answer.putArray("lost");
        JsonNode leases = bounded(body.get("leases"));
        for (int i = 0; i < leases.size(); i++) {
            Lease lease = kept.leases.get(key(text(leases.get(i), "id"), text(leases.get(i), "token")));
            if (lease == null || !kept.queue.renew(List.of(lease)).isEmpty()) {
                lost.add(i);
            }
        }
        return answer;
    }

    private static JsonNode pause(Kept kept, long length) {
        synchronized (kept) {
            kept.pausedUntil = Math.max(kept.pausedUntil, System.currentTimeMillis() + length);
            kept.notifyAll();
        }
        kept.queue.pause(Duration.ofMillis(length));
        return JSON.createObjectNode();
    }

    private static JsonNode nextPause(Kept kept, long seen, long wait) throws InterruptedException {
        long end = System.currentTimeMillis() + wait;
        synchronized (kept) {
            long now = System.currentTimeMillis();
            while (now < end && (kept.pausedUntil <= seen || kept.pausedUntil <= now)) {
                kept.wait(end - now);
                now = System.currentTimeMillis();
            }
            boolean longer = kept.pausedUntil > seen && kept.pausedUntil > now;
            return JSON.createObjectNode()
                    .put("until", Math.max(seen, kept.pausedUntil))
                    .put("left", longer ? kept.pausedUntil - now : 0);
        }
    }

    private static JsonNode sizes(QueueSizes sizes) {
        return JSON.createObjectNode()
                .put("waiting", sizes.waiting())
                .put("delayed", sizes.delayed())
                .put("running", sizes.running())
                .put("dead", sizes.dead());
    }

    private static JsonNode dead(Kept kept, Map<String, String> query) {
        long from = query.containsKey("seq") ? number(query, "seq") + 1 : 0;
        ObjectNode answer = JSON.createObjectNode();
        ArrayNode page = answer.putArray("dead");
        List<DeadLetter> letters = kept.queue.deadLetters().toList();
        for (long i = from; i < Math.min(letters.size(), from + DEAD_PER_PAGE); i++) {
            DeadLetter letter = letters.get((int) i);
            page.add(item(letter.item())
                    .put("reason", letter.reason())
                    .put("at", letter.at().toEpochMilli())
                    .put("seq", i));
        }
        return answer;
    }

    private static JsonNode changed(int number) {
        return JSON.createObjectNode().put("changed", number);
    }

    // ---- JSON

    private static JsonNode lease(Lease lease) {
        return item(lease.item()).put("lost", lease.lostLeases());
    }

    private static ObjectNode item(WorkItem item) {
        return JSON.createObjectNode()
                .put("id", item.id())
                .put("type", item.type())
                .put("payloadJson", item.payload().toString())
                .put("priority", item.priority())
                .put("attempts", item.attempts());
    }

    private static JsonNode parsed(String json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static JsonNode bounded(JsonNode array) {
        if (array.size() > MAX_ITEMS) {
            throw new IllegalArgumentException("Too many in one request.");
        }
        return array;
    }

    private static Set<String> texts(JsonNode array) {
        Set<String> texts = new LinkedHashSet<>();
        bounded(array).forEach(each -> texts.add(each.asText()));
        return texts;
    }

    private static String text(JsonNode json, String member) {
        return json.get(member).asText();
    }

    private static long number(Map<String, String> query, String name) {
        return Long.parseLong(query.get(name));
    }

    private static String key(String id, String request) {
        return id + "|" + request;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
        clear();
    }
}
