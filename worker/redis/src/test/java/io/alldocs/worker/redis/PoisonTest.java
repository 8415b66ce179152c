package io.alldocs.worker.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.worker.WorkItem;
import io.alldocs.worker.WorkerMain;
import io.alldocs.worker.spi.DeadLetter;
import io.alldocs.worker.spi.QueueSizes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests an item that exhausts the heap of its worker, among good items, with three workers in separate processes. */
@Timeout(300)
class PoisonTest {
    private static final int GOOD = 1_000;
    private static final int WORKERS = 3;

    @TempDir
    private Path folder;

    @Test
    void poisonAmongAThousandGoodItems_isOneDeadLetter_andNoWorkerIsLost() throws Exception {
        Path done = Files.createDirectories(folder.resolve("done"));
        List<Process> workers = new ArrayList<>();
        try (RedisProcess redis = RedisProcess.start(folder.resolve("redis"));
                RedisWorkQueue queue = RedisWorkQueue.builder(redis.url()).build()) {
            queue.enqueue(good("good-", GOOD / 2), Duration.ZERO);
            queue.enqueue(WorkItem.of(PoisonProcessor.TYPE, "poison"));
            queue.enqueue(good("more-", GOOD / 2), Duration.ZERO);
            for (int i = 0; i < WORKERS; i++) {
                workers.add(start(redis, done, i));
            }

            await(redis, done, workers, () -> queue.sizes().equals(new QueueSizes(0, 0, 0, 1)));

            assertThat(names(done)).hasSize(GOOD);
            try (Stream<DeadLetter> letters = queue.deadLetters()) {
                assertThat(letters.toList()).singleElement().satisfies(letter -> {
                    assertThat(letter.item().id()).isEqualTo("poison");
                    assertThat(letter.reason()).contains("lost 3 times").contains("ran out of memory");
                });
            }
            Set<String> seen =
                    workers.stream().map(worker -> Long.toString(worker.pid())).collect(Collectors.toSet());
            for (int round = 0; !seen.isEmpty(); round++) { // each of the three workers continues to process items
                int number = round;
                queue.enqueue(good("late-" + round + "-", 30), Duration.ZERO);
                await(redis, done, workers, () -> queue.size() == 0);
                for (String name : names(done)) {
                    if (name.startsWith("late-" + number + "-")) {
                        seen.remove(Files.readString(done.resolve(name)));
                    }
                }
            }
        } finally {
            workers.forEach(Process::destroyForcibly);
        }
    }

    private static List<WorkItem> good(String prefix, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> WorkItem.of(GoodProcessor.TYPE, prefix + i))
                .toList();
    }

    private static Set<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
        }
    }

    private Process start(RedisProcess redis, Path done, int number) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        WorkerMain.class.getName())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("worker-" + number + ".log").toFile()));
        builder.environment().keySet().removeIf(name -> name.startsWith("QUEUE_") || name.equals("JAVA_TOOL_OPTIONS"));
        builder.environment().put("PORT", "0");
        builder.environment().put("STORAGE_DRIVER", "memory");
        builder.environment().put("QUEUE_DRIVER", "redis");
        builder.environment().put("REDIS_URL", redis.url());
        builder.environment().put("QUEUE_LEASE_MS", "3000");
        builder.environment().put("QUEUE_INTERVAL_CAP", "0");
        builder.environment().put(GoodProcessor.FOLDER, done.toString());
        return builder.start();
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private void await(RedisProcess redis, Path done, List<Process> workers, Condition condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(240);
        while (!condition.holds()) {
            assertThat(System.nanoTime()).isLessThan(end);
            for (int i = 0; i < workers.size(); i++) {
                if (!workers.get(i).isAlive()) {
                    workers.set(i, restarted(redis, done, i, workers.get(i)));
                }
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    /**
     * A process that runs out of memory ends if the error occurs in a thread that cannot be replaced; a platform then
     * restarts it.
     */
    private Process restarted(RedisProcess redis, Path done, int number, Process ended) throws IOException {
        String log = Files.readString(folder.resolve("worker-" + number + ".log"));
        assertThat(ended.exitValue()).as(log).isEqualTo(1);
        assertThat(log).contains("ran out of memory");
        return start(redis, done, number);
    }
}
