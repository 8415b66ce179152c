package io.alldocs.worker.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.alldocs.cache.Cache;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.worker.Processor;
import io.alldocs.worker.WorkContext;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.WorkResult;
import io.alldocs.worker.Worker;
import io.alldocs.worker.spi.QueueException;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.QueueSizes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests a worker whose Redis server fails or refuses commands. Each time the worker logs the reason, loses no item, and
 * continues when the server works again.
 */
@Timeout(180)
class TroubleTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration HASTY = Duration.ofMillis(300);
    private static final int ITEMS = 40;
    private static final String SECRET = "s3cr3t";

    @TempDir
    private Path folder;

    private final List<String> said = new CopyOnWriteArrayList<>();
    private final Map<String, Integer> done = new ConcurrentHashMap<>();
    private final Logger log = Logger.getLogger("io.alldocs.worker");
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord record) {
            said.add(new SimpleFormatter().formatMessage(record));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        log.addHandler(handler);
    }

    @AfterEach
    void listenNoMore() {
        log.removeHandler(handler);
    }

    /** A processor that counts its items. */
    private final class Counting implements Processor {
        @Override
        public String type() {
            return "count";
        }

        @Override
        public WorkResult process(WorkItem item, WorkContext context) {
            done.merge(item.id(), 1, Integer::sum);
            return WorkResult.of(1);
        }
    }

    private static QueueOptions options(Duration lease) {
        return new QueueOptions(
                "trouble", 3, Duration.ofMillis(50), Duration.ofSeconds(1), lease, 10, Duration.ofSeconds(1), 0);
    }

    private static RedisWorkQueue open(RedisProcess redis, Duration timeout) {
        return open(redis, timeout, Duration.ofMinutes(5));
    }

    private static RedisWorkQueue open(RedisProcess redis, Duration timeout, Duration lease) {
        return open(redis.url(), timeout, lease);
    }

    private static RedisWorkQueue open(String url, Duration timeout, Duration lease) {
        return RedisWorkQueue.builder(url)
                .options(options(lease))
                .timeout(timeout)
                .build();
    }

    private static Cache memory() {
        return Cache.builder().driver(new MemoryStorageDriver()).build();
    }

    private Worker start(RedisWorkQueue queue, Cache cache) {
        return Worker.builder()
                .queue(queue)
                .cache(cache)
                .processor(new Counting())
                .build()
                .start();
    }

    private static List<WorkItem> items(String prefix) {
        return IntStream.range(0, ITEMS)
                .mapToObj(i -> WorkItem.of("count", prefix + i))
                .toList();
    }

    private static void await(String what, BooleanSupplier condition) {
        await(() -> what, condition);
    }

    private static void await(Supplier<String> what, BooleanSupplier condition) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(end);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
    }

    private void awaitSaid(String... words) {
        await(
                () -> List.of(words) + " in " + said,
                () -> said.stream().anyMatch(line -> List.of(words).stream().allMatch(line::contains)));
    }

    private void assertDone(RedisWorkQueue queue, Worker worker, int items) throws InterruptedException {
        assertThat(worker.awaitIdle(PATIENCE)).isTrue();
        assertThat(worker.failure()).isEmpty();
        assertThat(queue.sizes()).isEqualTo(new QueueSizes(0, 0, 0, 0));
        assertThat(done)
                .hasSize(items)
                .allSatisfy((item, times) -> assertThat(times).isEqualTo(1));
    }

    @Test
    void replicaFromTheStart_isSaid_andWorkIsDoneWhenItIsPromoted() throws Exception {
        try (RedisProcess redis = RedisProcess.start(folder, "--replicaof", "127.0.0.1", "1");
                RedisWorkQueue queue = open(redis, HASTY);
                Cache cache = memory();
                Worker worker = start(queue, cache)) {
            assertThat(said)
                    .anyMatch(line -> line.contains("it is a replica of 127.0.0.1:1") && line.contains("REDIS_URL"));
            // The worker's refused calls open new connections, so a call may also find no connection.
            await("refused as a replica", () -> {
                QueueException refused =
                        catchThrowableOfType(QueueException.class, () -> queue.enqueue(items("a"), Duration.ZERO));
                assertThat(refused.retryable()).isTrue();
                return refused.getMessage().contains("the server is a replica")
                        && refused.getMessage().contains("READONLY");
            });
            awaitSaid("retries the request", "reserve items", "the server is a replica");

            redis.command("REPLICAOF", "NO", "ONE");
            awaitSaid("The queue is available again");
            queue.enqueue(items("a"), Duration.ZERO);
            assertDone(queue, worker, ITEMS);
        }
    }

    @Test
    void serverThatLoadsItsData_isSaid_andAwaited() throws Exception {
        try (RedisProcess redis = RedisProcess.start(folder, "--rdbcompression", "no");
                RedisWorkQueue queue = open(redis, PATIENCE);
                RedisWorkQueue hasty = open(redis, Duration.ofMillis(1_500))) {
            queue.enqueue(items("a"), Duration.ZERO);
            redis.command("DEBUG", "POPULATE", "6000", "filler", "10000");
            redis.command("CONFIG", "SET", "key-load-delay", "1000");
            FutureTask<String> reload = new FutureTask<>(() -> redis.command("DEBUG", "RELOAD"));
            new Thread(reload, "reload").start();
            await("loads", () -> redis.command("INFO", "persistence").contains("loading:1"));

            QueueException refused = catchThrowableOfType(QueueException.class, hasty::sizes);
            assertThat(refused.retryable()).isTrue();
            assertThat(refused).hasMessageContaining("loading its data").hasMessageContaining("LOADING");
            assertThat(reload.isDone()).as("it loads still").isFalse();
            try (Cache cache = memory();
                    Worker worker = start(queue, cache)) {
                assertDone(queue, worker, ITEMS);
            }
            assertThat(reload.get()).isEqualTo("OK");
        }
    }

    /**
     * The worker ends, as with every other wrong configuration. A worker with the right configuration continues.
     */
    @Test
    void passwordThatIsSetMeanwhile_isReported_andTheNextWorkerContinues() throws Exception {
        try (RedisProcess redis = RedisProcess.start(folder);
                RespClient operator = new RespClient(redis.port());
                Cache cache = memory()) {
            try (RedisWorkQueue queue = open(redis, HASTY);
                    Worker worker = start(queue, cache)) {
                operator.command("CONFIG", "SET", "requirepass", SECRET);
                operator.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
                awaitSaid("The worker stops", "password is wrong or missing", "REDIS_URL");
                worker.join();
                assertThat(worker.failure()).isPresent();
            }
            try (RedisWorkQueue queue =
                            open("redis://:" + SECRET + "@127.0.0.1:" + redis.port(), PATIENCE, Duration.ofMinutes(5));
                    Worker worker = start(queue, cache)) {
                queue.enqueue(items("a"), Duration.ZERO);
                assertDone(queue, worker, ITEMS);
            }
            assertThat(said).noneMatch(line -> line.contains(SECRET));
        }
    }

    /**
     * Redis refuses commands that need more memory. Reserving and settling existing items need no additional memory.
     */
    @Test
    void memoryThatIsFull_isSaid_andWhatWaitsIsDone() throws Exception {
        try (RedisProcess redis = RedisProcess.start(folder);
                RedisWorkQueue queue = open(redis, HASTY);
                Cache cache = memory()) {
            queue.enqueue(items("a"), Duration.ZERO);
            redis.command("CONFIG", "SET", "maxmemory", "1");
            try (Worker worker = start(queue, cache)) {
                QueueException refused =
                        catchThrowableOfType(QueueException.class, () -> queue.enqueue(items("b"), Duration.ZERO));
                assertThat(refused.retryable()).isTrue();
                assertThat(refused).hasMessageContaining("memory is full").hasMessageContaining("maxmemory is raised");
                assertDone(queue, worker, ITEMS);

                redis.command("CONFIG", "SET", "maxmemory", "0");
                queue.enqueue(items("b"), Duration.ZERO);
                assertDone(queue, worker, 2 * ITEMS);
            }
        }
    }

    /** If a response was lost, its items are leased to no worker; they wait until their leases expire. */
    @Test
    void connectionsThatAreDroppedAllTheTime_loseNothing() throws Exception {
        try (RedisProcess redis = RedisProcess.start(folder);
                RedisWorkQueue queue = open(redis, PATIENCE, Duration.ofSeconds(2));
                Cache cache = memory();
                Worker worker = start(queue, cache);
                RespClient operator = new RespClient(redis.port())) {
            for (int round = 0; round < 20; round++) {
                queue.enqueue(items("round-" + round + "-"), Duration.ZERO);
                operator.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
                operator.command("CLIENT", "KILL", "TYPE", "pubsub");
            }
            await("all are done", () -> done.size() == 20 * ITEMS);
            assertThat(worker.failure()).isEmpty();
            await("settled", () -> queue.sizes().equals(new QueueSizes(0, 0, 0, 0)));
        }
    }
}
