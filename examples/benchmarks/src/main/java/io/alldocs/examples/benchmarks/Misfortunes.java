package io.alldocs.examples.benchmarks;

import io.alldocs.cli.worker.FleetMember;
import io.alldocs.cli.worker.RedisProcess;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Faults;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Injects failures into a fleet as its work progresses. The failures are random kills of workers, a restart of Redis,
 * bursts of 429 responses, and optionally a {@code FLUSHALL}. The registry changes until nine tenths of the names were
 * requested. Not thread-safe.
 */
final class Misfortunes {
    static final String TOO_MANY = "packument.429";

    private static final int BURSTS = 3;
    private static final long BURST_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long LOOK_EVERY_MILLIS = 20;

    private final EmbeddedRegistry registry;
    private final RedisProcess redis;
    private final RunningFleet fleet;
    private final int names;
    private final int kills;
    private final boolean flush;
    private final Random random;
    private final PrintWriter err;
    private int killed;
    private int redisRestarts;
    private int flushes;
    private int bursts;
    private long burstAt = System.nanoTime();
    private long nextKill;

    Misfortunes(
            EmbeddedRegistry registry,
            RedisProcess redis,
            RunningFleet fleet,
            int names,
            int kills,
            boolean flush,
            long seed,
            PrintWriter err) {
        this.registry = registry;
        this.redis = redis;
        this.fleet = fleet;
        this.names = names;
        this.kills = kills;
        this.flush = flush;
        this.random = new Random(seed);
        this.err = err;
        this.nextKill = gap();
    }

    int killed() {
        return killed;
    }

    /** Returns a random gap between two kills. With the average gap, all kills fit into nine tenths of the work. */
    private long gap() {
        return 1L + random.nextInt(Math.max(1, names / Math.max(1, kills) * 9 / 5));
    }

    void untilDone() throws IOException, InterruptedException {
        while (!fleet.awaitEnd(LOOK_EVERY_MILLIS)) {
            long asked = registry.requests().namesAskedAtLeast(1);
            if (bursts < BURSTS && asked > (long) names * (bursts + 1) / (BURSTS + 1)) {
                bursts++;
                burstAt = System.nanoTime();
                registry.faults().set(Faults.parse(TOO_MANY + "=1," + TOO_MANY + "-retry-after=1"));
                tell("burst of 429", asked);
            }
            if (System.nanoTime() - burstAt >= BURST_NANOS) {
                registry.faults().clear(TOO_MANY);
            }
            if (asked >= (long) names * 9 / 10) {
                registry.churn(0);
            }
            if (redisRestarts == 0 && asked > (long) names * 2 / 5) {
                redisRestarts++;
                redis.crashAndRestart();
                tell("Redis killed, and started again", asked);
            }
            if (flush && flushes == 0 && asked > (long) names * 3 / 5) {
                flushes++;
                flushAll();
                tell("FLUSHALL", asked);
            }
            if (killed < kills && asked >= nextKill) {
                killOne(asked);
            }
        }
    }

    private void killOne(long asked) {
        FleetMember victim = fleet.members().get(random.nextInt(fleet.members().size()));
        if (victim.hasWorked()) {
            victim.kill();
            killed++;
            nextKill = asked + gap();
            tell("worker killed", asked);
        }
    }

    private void flushAll() throws IOException {
        URI address = URI.create(redis.url());
        try (Socket socket = new Socket(address.getHost(), address.getPort());
                InputStream in = socket.getInputStream()) {
            socket.getOutputStream().write("FLUSHALL\r\n".getBytes(StandardCharsets.US_ASCII));
            String answer = new String(in.readNBytes("+OK".length()), StandardCharsets.US_ASCII);
            if (!answer.equals("+OK")) {
                throw new IOException("Redis answered FLUSHALL with " + answer);
            }
        }
    }

    private void tell(String what, long asked) {
        err.printf("%s, after %,d names%n", what, asked);
        err.flush();
    }

    @Override
    public String toString() {
        return String.format(
                "%d workers killed, Redis restarted %d times%s, %d bursts",
                killed, redisRestarts, flushes == 0 ? "" : " and emptied", bursts);
    }
}
