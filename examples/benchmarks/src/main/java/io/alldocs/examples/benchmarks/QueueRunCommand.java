package io.alldocs.examples.benchmarks;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.worker.Processor;
import io.alldocs.worker.WorkContext;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.WorkResult;
import io.alldocs.worker.Worker;
import io.alldocs.worker.redis.RedisWorkQueue;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.WorkQueue;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * One process of {@link QueueCommand}: adds items without any work to a queue on Redis, then lets a worker process
 * them. Prints a line of JSON for each step.
 */
@Command(
        name = "queue-run",
        description = "Adds items to a queue on Redis and processes them; prints a line of JSON for each.")
final class QueueRunCommand implements Callable<Integer> {
    static final String QUEUE = "all-docs-benchmark";

    private static final Duration PATIENCE = Duration.ofMinutes(10);

    @Option(names = "--redis", required = true, paramLabel = "URL", description = "Address of the server.")
    private String redis = "";

    @Option(names = "--items", defaultValue = "100000", description = "Items (default: ${DEFAULT-VALUE}).")
    private int items;

    @Option(
            names = "--concurrency",
            defaultValue = "50",
            description = "Items at the same time (default: ${DEFAULT-VALUE}).")
    private int concurrency;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final AtomicInteger done = new AtomicInteger();

    @Override
    public Integer call() throws InterruptedException {
        Env env = Env.of(Map.of("QUEUE_NAME", QUEUE, "QUEUE_INTERVAL_CAP", "0", "STORAGE_DRIVER", "memory"));
        List<WorkItem> all =
                IntStream.range(0, items).mapToObj(QueueRunCommand::item).toList();
        try (WorkQueue queue = RedisWorkQueue.builder(redis)
                        .options(QueueOptions.of(env))
                        .build();
                Cache cache = Cache.builder().env(env).build();
                RedisClient client = RedisClient.create(redis);
                StatefulRedisConnection<String, String> connection = client.connect()) {
            long before = usedMemory(connection);
            long start = System.nanoTime();
            int added = queue.enqueue(all, Duration.ZERO);
            tell("add", added, start);
            print(JsonNodeFactory.instance
                    .objectNode()
                    .put("kind", "memory")
                    .put("bytes", usedMemory(connection) - before));
            start = System.nanoTime();
            try (Worker worker = Worker.builder()
                    .queue(queue)
                    .cache(cache)
                    .processor(new NoOp())
                    .concurrency(concurrency)
                    .build()
                    .start()) {
                if (!worker.awaitIdle(PATIENCE)) {
                    throw new IllegalStateException("The queue is not empty: " + queue.sizes());
                }
            }
            tell("process", done.get(), start);
        }
        return 0;
    }

    private static long usedMemory(StatefulRedisConnection<String, String> connection) {
        return connection
                .sync()
                .info("memory")
                .lines()
                .filter(line -> line.startsWith("used_memory:"))
                .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(':') + 1)))
                .findFirst()
                .orElseThrow();
    }

    private static WorkItem item(int number) {
        ObjectNode payload = JsonNodeFactory.instance.objectNode().put("name", "package-" + number);
        return WorkItem.of("no-op", "item-" + number, payload);
    }

    private void tell(String kind, int count, long startNanos) {
        double seconds = (System.nanoTime() - startNanos) / 1e9;
        print(JsonNodeFactory.instance
                .objectNode()
                .put("kind", kind)
                .put("items", count)
                .put("seconds", seconds));
    }

    private void print(ObjectNode line) {
        spec.commandLine().getOut().println(line);
    }

    private final class NoOp implements Processor {
        @Override
        public String type() {
            return "no-op";
        }

        @Override
        public WorkResult process(WorkItem item, WorkContext context) {
            done.incrementAndGet();
            return WorkResult.done();
        }
    }
}
