package io.alldocs.cli.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.alldocs.Env;
import io.alldocs.cli.ExitCode;
import io.alldocs.cli.Program;
import io.alldocs.storage.filesystem.FilesystemStorageDriver;
import io.alldocs.worker.LocalWorkQueue;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.QueueSizes;
import io.alldocs.worker.spi.Settlement;
import io.alldocs.worker.spi.WorkQueue;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the command {@code queue} on a durable queue in a cache folder. */
class QueueCommandTest {
    @TempDir
    private Path folder;

    private interface Work {
        void on(WorkQueue queue) throws Exception;
    }

    private void queue(Work work) throws Exception {
        try (FilesystemStorageDriver store =
                        FilesystemStorageDriver.builder(folder).build();
                WorkQueue queue = LocalWorkQueue.builder()
                        .options(QueueOptions.of(Env.of(Map.of("QUEUE_INTERVAL_CAP", "0"))))
                        .store(store)
                        .build()) {
            work.on(queue);
        }
    }

    private Program.Result run(String... args) {
        return Program.run(
                Map.of(
                        "STORAGE_DRIVER", "filesystem",
                        "CACHE_DIR", folder.toString(),
                        "QUEUE_DURABLE", "true"),
                IntStream.rangeClosed(0, args.length)
                        .mapToObj(i -> i == 0 ? "queue" : args[i - 1])
                        .toArray(String[]::new));
    }

    @BeforeEach
    void threeDeadLettersAndOneThatWaits() throws Exception {
        queue(queue -> {
            queue.enqueue(
                    IntStream.range(0, 3)
                            .mapToObj(i -> WorkItem.of("task", "dead-" + i, JsonNodeFactory.instance.numberNode(i)))
                            .toList(),
                    Duration.ZERO);
            for (Lease lease : queue.reserve(3, Duration.ZERO)) {
                queue.settle(List.of(new Settlement.Failed(
                        lease, "no sense in " + lease.item().id(), false, null)));
            }
            queue.enqueue(WorkItem.of("task", "waits"));
        });
    }

    @Test
    void sizes_printsEachState() throws Exception {
        Program.Result text = run("sizes");
        JsonNode json = new ObjectMapper().readTree(run("sizes", "--json").out());

        assertThat(text.exitCode()).as(text.err()).isZero();
        assertThat(text.out())
                .isEqualTo("all-docs-work (local): 1 waiting, 0 delayed, 0 running, 3 dead" + System.lineSeparator());
        assertThat(json.path("waiting").asInt()).isEqualTo(1);
        assertThat(json.path("dead").asInt()).isEqualTo(3);
    }

    /** The server has no append-only file. A worker and {@code seed} warn about it. */
    @Test
    void sizes_onARedisWithAWarning_printsTheSizesOnly() throws Exception {
        Path files = Files.createDirectories(folder.resolve("redis"));
        try (RedisProcess redis = RedisProcess.start(RedisBinary.in(folder).toString(), files)) {
            withoutAppendOnlyFile(redis);
            Map<String, String> environment = Map.of("QUEUE_DRIVER", "redis", "REDIS_URL", redis.url());

            assertThat(warningsOf(() -> {
                        Program.Result sizes = Program.run(environment, "queue", "sizes");
                        assertThat(sizes.out())
                                .startsWith("all-docs-work (redis): 0 waiting, 0 delayed, 0 running, 0 dead");
                    }))
                    .isEmpty();
            assertThat(warningsOf(() -> {
                        Program.Result seed = Program.run(environment, "seed", "--cache-dir=" + folder);
                        assertThat(seed.exitCode()).as(seed.err()).isZero();
                    }))
                    .singleElement()
                    .asString()
                    .contains("append-only file");
        }
    }

    /** Returns what a command logs about its queue on Redis. */
    private static List<String> warningsOf(Runnable command) {
        Logger log = Logger.getLogger("io.alldocs.worker.redis.RedisWorkQueue");
        List<String> messages = new CopyOnWriteArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord entry) {
                messages.add(entry.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        log.addHandler(handler);
        try {
            command.run();
        } finally {
            log.removeHandler(handler);
        }
        return messages;
    }

    private static void withoutAppendOnlyFile(RedisProcess redis) throws IOException {
        URI address = URI.create(redis.url());
        try (Socket socket = new Socket(address.getHost(), address.getPort())) {
            socket.getOutputStream().write("CONFIG SET appendonly no\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(socket.getInputStream().readNBytes(5)).asString().isEqualTo("+OK\r\n");
        }
    }

    @Test
    void dead_printsLettersWithReasons_oldestFirst() throws Exception {
        Program.Result all = run("dead");
        Program.Result two = run("dead", "--limit=2");
        List<String> json = run("dead", "--json", "--limit=0").out().lines().toList();

        assertThat(all.out().lines()).hasSize(4);
        assertThat(all.out()).contains("task  dead-0  attempts: 1  no sense in dead-0", "3 dead letters.");
        assertThat(two.out()).contains("dead-1", "2 of 3 dead letters.").doesNotContain("dead-2");
        assertThat(json).hasSize(3);
        JsonNode last = new ObjectMapper().readTree(json.get(2));
        assertThat(last.path("id").asText()).isEqualTo("dead-2");
        assertThat(last.path("payload").asInt()).isEqualTo(2);
        assertThat(last.path("reason").asText()).isEqualTo("no sense in dead-2");
    }

    @Test
    void retry_ids_waitAgain_andUnknownOnesMakeItPartial() throws Exception {
        assertThat(run("retry", "dead-0").out()).startsWith("1 dead letters retried.");
        Program.Result partial = run("retry", "dead-1", "waits");

        assertThat(partial.exitCode()).isEqualTo(ExitCode.PARTIAL);
        queue(queue -> assertThat(queue.sizes()).isEqualTo(new QueueSizes(3, 0, 0, 1)));
    }

    @Test
    void retryAndDiscard_all_takeAll() throws Exception {
        assertThat(run("retry", "--all", "--json").out()).contains("\"retried\" : 3");
        queue(queue -> assertThat(queue.sizes()).isEqualTo(new QueueSizes(4, 0, 0, 0)));
        assertThat(run("discard", "--all").out()).startsWith("0 dead letters discarded.");
    }

    @Test
    void discard_ids_deletesThem() throws Exception {
        assertThat(run("discard", "dead-0", "dead-2").exitCode()).isZero();

        queue(queue -> assertThat(queue.sizes()).isEqualTo(new QueueSizes(1, 0, 0, 1)));
    }

    @Test
    void commandLine_thatMakesNoSense_isRefused() {
        List<List<String>> lines = List.of(
                List.of(),
                List.of("burn"),
                List.of("retry"),
                List.of("retry", "--all", "dead-0"),
                List.of("sizes", "dead-0"),
                List.of("dead", "--all"),
                List.of("dead", "--limit=-1"));

        for (List<String> line : lines) {
            Program.Result result = run(line.toArray(String[]::new));
            assertThat(result.exitCode()).as("%s", line).isEqualTo(ExitCode.USAGE);
            assertThat(result.err()).as("%s", line).isNotBlank();
        }
    }
}
