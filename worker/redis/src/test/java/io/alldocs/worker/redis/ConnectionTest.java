package io.alldocs.worker.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.alldocs.worker.WorkItem;
import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.QueueException;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.QueueSizes;
import io.alldocs.worker.spi.Settlement;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests servers that are absent, disconnect, are not Redis, or are not suitable for a queue. */
class ConnectionTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration SHORT = Duration.ofMillis(500);
    private static final String SECRET = "s3cr3t";

    private static final QueueOptions OPTIONS = new QueueOptions(
            "connection",
            3,
            Duration.ofMillis(50),
            Duration.ofSeconds(1),
            Duration.ofMinutes(5),
            10,
            Duration.ofSeconds(1),
            0);

    @TempDir
    private Path folder;

    @Test
    void scriptFlush_inTheMiddle_isNotNoticed() throws InterruptedException {
        try (RedisProcess redis = RedisProcess.start(folder);
                RedisWorkQueue queue = open(redis.url(), PATIENCE)) {
            queue.enqueue(WorkItem.of("t", "a"));
            redis.command("SCRIPT", "FLUSH");
            Lease lease = queue.reserve(1, PATIENCE).get(0);
            redis.command("SCRIPT", "FLUSH");

            assertThat(queue.settle(List.of(new Settlement.Done(lease)))).isEmpty();

            redis.command("SCRIPT", "FLUSH");
            assertThat(queue.sizes()).isEqualTo(new QueueSizes(0, 0, 0, 0));
        }
    }

    @Test
    void serverGone_callFailsInTime_andWorksWhenItIsBack() throws InterruptedException {
        try (RedisProcess redis = RedisProcess.start(folder);
                RedisWorkQueue patient = open(redis.url(), PATIENCE);
                RedisWorkQueue hasty = open(redis.url(), Duration.ofSeconds(2))) {
            patient.enqueue(WorkItem.of("t", "a"));
            redis.kill();

            QueueException failure = catchThrowableOfType(QueueException.class, hasty::sizes);
            assertThat(failure.retryable()).isTrue();
            assertThat(failure).hasMessageContaining("count items").hasMessageContaining("127.0.0.1:" + redis.port());

            redis.restart();
            assertThat(sizesWhenBack(hasty)).isEqualTo(new QueueSizes(1, 0, 0, 0));
            assertThat(patient.reserve(1, PATIENCE).get(0).item().id()).isEqualTo("a");
        }
    }

    private static QueueSizes sizesWhenBack(RedisWorkQueue queue) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                return queue.sizes();
            } catch (QueueException e) {
                assertThat(e.retryable()).isTrue();
                assertThat(System.nanoTime()).as("the server is back").isLessThan(end);
            }
        }
    }

    /** Simulates a failover; Redis 6.2 reports it in the error of the failed script. */
    @Test
    void serverThatIsAReplicaForAWhile_isAwaited() throws Exception {
        try (RedisProcess redis = RedisProcess.start(folder);
                RedisWorkQueue queue = open(redis.url(), PATIENCE)) {
            queue.enqueue(WorkItem.of("t", "a"));
            redis.command("CONFIG", "RESETSTAT");
            redis.command("REPLICAOF", "127.0.0.1", "1");
            FutureTask<Boolean> added = new FutureTask<>(() -> queue.enqueue(WorkItem.of("t", "b")));
            new Thread(added, "adding").start();
            while (!redis.command("INFO", "errorstats").contains("errorstat_")) {
                assertThat(added.isDone()).isFalse();
            }
            redis.command("REPLICAOF", "NO", "ONE");

            assertThat(added.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(queue.sizes()).isEqualTo(new QueueSizes(2, 0, 0, 0));
        }
    }

    /** Redis sends the parts of a response one by one, so a connection can break between any two of them. */
    @Test
    void connectionThatBreaksInAnAnswer_leavesNothingOfIt_inTheNext() throws InterruptedException {
        try (RedisProcess redis = RedisProcess.start(folder);
                CuttingProxy proxy = new CuttingProxy(redis.port());
                RedisWorkQueue queue = open(proxy.url(), PATIENCE);
                RedisWorkQueue seed = open(redis.url(), PATIENCE)) {
            queue.sizes(); // so that the server caches the script
            int cuts = cutEverywhere(proxy, () -> assertThat(queue.sizes()).isEqualTo(new QueueSizes(0, 0, 0, 0)));
            assertThat(cuts).isGreaterThan(5);

            seed.reserve(1, Duration.ZERO);
            cuts = cutEverywhere(proxy, () -> {
                seed.enqueue(List.of(WorkItem.of("t", "a"), WorkItem.of("t", "b")), Duration.ZERO);
                List<Lease> leases = queue.settleAndReserve(List.of(), 1);
                assertThat(leases)
                        .hasSize(1)
                        .allMatch(
                                lease -> List.of("a", "b").contains(lease.item().id()));
                assertThat(queue.settle(List.of(new Settlement.Done(leases.get(0)))))
                        .isEmpty();
                redis.forgetAll();
            });
            assertThat(cuts).isGreaterThan(15);
        }
    }

    /** Stops at the first response that is too short to be cut. Returns how many were cut. */
    private static int cutEverywhere(CuttingProxy proxy, Runnable call) {
        int before = proxy.cuts();
        for (int kept = 1; ; kept += 3) {
            int cuts = proxy.cuts();
            proxy.cutNextAnswerAfter(kept);
            call.run();
            if (proxy.cuts() == cuts) {
                return cuts - before;
            }
        }
    }

    @Test
    void workerThatWaits_whileTheServerIsRestarted_isWokenByWhatIsAddedThen() throws Exception {
        try (RedisProcess redis = RedisProcess.start(folder);
                RedisWorkQueue waiting = open(redis.url(), PATIENCE)) {
            BlockingQueue<List<Lease>> got = new LinkedBlockingQueue<>();
            Thread worker = new Thread(() -> {
                try {
                    got.add(waiting.reserve(1, PATIENCE));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            worker.start();
            redis.kill();
            redis.restart();
            try (RedisWorkQueue other = open(redis.url(), PATIENCE)) {
                other.enqueue(WorkItem.of("t", "a"));

                assertThat(got.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS)).hasSize(1);
            }
            worker.join();
        }
    }

    @Test
    void pauseInForce_isReportedToALaterWorker() throws InterruptedException {
        try (RedisProcess redis = RedisProcess.start(folder);
                RedisWorkQueue first = open(redis.url(), PATIENCE)) {
            first.enqueue(WorkItem.of("t", "a"));
            first.pause(Duration.ofHours(2));

            try (RedisWorkQueue later = open(redis.url(), PATIENCE)) {
                BlockingQueue<Duration> told = new LinkedBlockingQueue<>();
                later.onPause(told::add);

                assertThat(told.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                        .isBetween(Duration.ofHours(1), Duration.ofHours(2));
                assertThat(later.reserve(1, Duration.ofMillis(20))).isEmpty();
            }
        }
    }

    @Test
    void pause_madeWhileAWorkerWasDisconnected_isReportedAfterTheReconnect() throws Exception {
        try (RedisProcess redis = RedisProcess.start(folder);
                RedisWorkQueue cutOff = open(redis.url(), PATIENCE);
                RedisWorkQueue other = open(redis.url(), PATIENCE)) {
            BlockingQueue<Duration> told = new LinkedBlockingQueue<>();
            cutOff.onPause(told::add);
            other.pause(Duration.ofHours(1));
            assertThat(told.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isNotNull();

            redis.command("HINCRBY", "all-docs:{connection}:state", "pausedUntil", "3600000"); // set without an event
            redis.command("CLIENT", "KILL", "TYPE", "pubsub");

            assertThat(told.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isGreaterThan(Duration.ofHours(1));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"redis://:" + SECRET + "@", "redis://somebody:" + SECRET + "@", "redis://"})
    void wrongPassword_isRefusedForGood_andInNoMessage(String beginning) {
        try (RedisProcess redis = RedisProcess.start(folder, "--requirepass", "another")) {
            QueueException failure = catchThrowableOfType(
                    QueueException.class, () -> open(beginning + "127.0.0.1:" + redis.port(), PATIENCE));

            assertThat(failure.retryable()).isFalse();
            assertThat(failure).hasMessageContaining("REDIS_URL");
            assertThat(stackTrace(failure)).doesNotContain(SECRET);
        }
    }

    @Test
    void rightPassword_isTaken() {
        try (RedisProcess redis = RedisProcess.start(folder, "--requirepass", "p@ss/w:rd");
                RedisWorkQueue queue = open("redis://:p%40ss%2Fw%3Ard@127.0.0.1:" + redis.port(), PATIENCE)) {
            assertThat(queue.size()).isZero();
        }
    }

    @Test
    void connectionRefused_isRetryable() throws IOException {
        try (Socket held = new Socket()) { // so that no other process gets its port
            held.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            int port = held.getLocalPort();
            QueueException failure = catchThrowableOfType(
                    QueueException.class, () -> open("redis://:" + SECRET + "@127.0.0.1:" + port, PATIENCE));

            assertThat(failure.retryable()).isTrue();
            assertThat(failure).hasMessageContaining("connect").hasMessageContaining("127.0.0.1:" + port);
            assertThat(stackTrace(failure)).doesNotContain(SECRET);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", ""})
    void noRedis_failsInTime(String answer) throws Exception {
        Thread thread;
        try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            thread = new Thread(() -> answerAll(server, answer));
            thread.start();
            QueueException failure = catchThrowableOfType(
                    QueueException.class,
                    () -> open("redis://:" + SECRET + "@127.0.0.1:" + server.getLocalPort(), SHORT));

            assertThat(failure).hasMessageContaining("check that the server is a Redis");
            assertThat(stackTrace(failure)).doesNotContain(SECRET);
        }
        thread.join();
    }

    private static void answerAll(ServerSocket server, String answer) {
        try {
            while (true) {
                Socket socket = server.accept();
                socket.getOutputStream().write(answer.getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            // the test has ended
        }
    }

    @Test
    void evictionPolicyThatMayEvictWork_isRefused_unlessAllowed() {
        try (RedisProcess redis =
                RedisProcess.start(folder, "--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru")) {
            assertThatThrownBy(() -> open(redis.url(), PATIENCE))
                    .isInstanceOf(QueueException.class)
                    .hasMessageContaining("allkeys-lru")
                    .hasMessageContaining("noeviction")
                    .extracting(failure -> ((QueueException) failure).retryable())
                    .isEqualTo(false);

            RedisWorkQueue.builder(redis.url()).evictionAllowed(true).build().close();
        }
    }

    @Test
    void memoryFull_isSaid_andWhatIsThereCanBeDone() throws InterruptedException {
        try (RedisProcess redis = RedisProcess.start(folder);
                RedisWorkQueue queue = open(redis.url(), PATIENCE)) {
            queue.enqueue(WorkItem.of("t", "a"));
            Lease lease = queue.reserve(1, PATIENCE).get(0);
            redis.command("CONFIG", "SET", "maxmemory", "1");

            assertThatThrownBy(() -> queue.enqueue(WorkItem.of("t", "b")))
                    .isInstanceOf(QueueException.class)
                    .hasMessageContaining("maxmemory");

            assertThat(queue.settle(List.of(new Settlement.Done(lease)))).isEmpty();

            redis.command("CONFIG", "SET", "maxmemory", "0");
            assertThat(queue.enqueue(WorkItem.of("t", "b"))).isTrue();
            assertThat(queue.sizes()).isEqualTo(new QueueSizes(1, 0, 0, 0));
        }
    }

    @Test
    void cluster_isNoticed_andHoldsAQueue() throws InterruptedException {
        try (RedisProcess redis = RedisProcess.start(folder, "--cluster-enabled", "yes")) {
            redis.command(slots());
            awaitCluster(redis);
            try (RedisWorkQueue queue = open(redis.url(), PATIENCE);
                    RedisWorkQueue other = open(redis.url(), PATIENCE)) {
                BlockingQueue<Duration> told = new LinkedBlockingQueue<>();
                other.onPause(told::add);
                queue.enqueue(List.of(WorkItem.of("t", "a"), WorkItem.of("t", "b")), Duration.ZERO);

                List<Lease> leases = other.reserve(2, PATIENCE);
                assertThat(other.settle(
                                leases.stream().map(Settlement.Done::new).toList()))
                        .isEmpty();

                assertThat(queue.size()).isZero();
                queue.pause(Duration.ofHours(1));
                assertThat(told.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isNotNull();
            }
        }
    }

    private static String[] slots() {
        String[] command = new String[2 + 16384];
        command[0] = "CLUSTER";
        command[1] = "ADDSLOTS";
        for (int slot = 0; slot < 16384; slot++) {
            command[2 + slot] = Integer.toString(slot);
        }
        return command;
    }

    private static void awaitCluster(RedisProcess redis) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!redis.command("CLUSTER", "INFO").contains("cluster_state:ok")) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.onSpinWait();
        }
    }

    private static RedisWorkQueue open(String url, Duration timeout) {
        return RedisWorkQueue.builder(url).options(OPTIONS).timeout(timeout).build();
    }

    private static String stackTrace(Throwable failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text));
        return text.toString();
    }
}
