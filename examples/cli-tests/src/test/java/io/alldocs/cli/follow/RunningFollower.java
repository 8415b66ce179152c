package io.alldocs.cli.follow;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cli.ExitCode;
import io.alldocs.cli.JobProgress;
import io.alldocs.cli.Progress;
import io.alldocs.cli.bootstrap.Bench;
import io.alldocs.cli.bootstrap.JobClients;
import io.alldocs.cli.bootstrap.JobOptions;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.sync.DeletionPolicy;
import io.alldocs.sync.FollowOptions;
import io.alldocs.sync.SyncStatus;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** Runs a follower of a bench's job on a separate thread, with waits of milliseconds. */
final class RunningFollower implements AutoCloseable {
    private static final Map<String, String> ENVIRONMENT = Map.of("NPM_CONFIG_USERCONFIG", "target/no-such-npmrc");

    final List<String> said = new CopyOnWriteArrayList<>();
    private final EmbeddedRegistry registry;
    private final JobClients clients;
    private final FollowOptions follow;
    private final Thread thread;
    private volatile int exitCode = -1;
    private volatile @Nullable Throwable failure;

    private RunningFollower(Bench bench, DeletionPolicy deleted, Duration listEvery, FollowOptions.Until until) {
        registry = bench.registry;
        JobOptions options = CommandLine.populateCommand(new JobOptions(), jobOf(bench));
        clients = JobClients.open(
                options,
                ENVIRONMENT,
                JobClients.Which.STORED_OR_DESCRIBED,
                "follow",
                Optional.of(deleted),
                sync -> sync.changesPage(100)
                        .listener(new JobProgress(new Sayings(), false))
                        .lagWait(Duration.ofMillis(20)));
        follow = new FollowOptions(until, Duration.ofMillis(10), Duration.ofMillis(40), listEvery);
        thread = new Thread(this::follow, "follower");
        thread.start();
    }

    static RunningFollower start(Bench bench) {
        return start(bench, DeletionPolicy.MARK);
    }

    static RunningFollower start(Bench bench, DeletionPolicy deleted) {
        return new RunningFollower(bench, deleted, Duration.ZERO, FollowOptions.Until.INTERRUPTED);
    }

    static RunningFollower startWalking(Bench bench) {
        return new RunningFollower(bench, DeletionPolicy.MARK, Duration.ofMillis(50), FollowOptions.Until.INTERRUPTED);
    }

    /** Follows the feed until the follower is idle, and returns its messages. */
    static List<String> untilIdle(Bench bench, DeletionPolicy deleted) throws InterruptedException {
        try (RunningFollower running = new RunningFollower(bench, deleted, Duration.ZERO, FollowOptions.Until.IDLE)) {
            assertThat(running.awaitEnd()).isZero();
            return running.said;
        }
    }

    static String[] jobOf(Bench bench) {
        String origin = bench.registry.origin().toString();
        return new String[] {
            "--origin", origin, "--registry", origin, "--cache-dir", bench.cacheDir.toString(), "--driver", bench.driver
        };
    }

    private void follow() {
        try {
            exitCode = clients.sync().follow(follow) ? ExitCode.COMPLETE : ExitCode.PARTIAL;
        } catch (RuntimeException | Error e) {
            failure = e;
        }
    }

    SyncStatus status() {
        return clients.sync().status();
    }

    void await(String what, Predicate<SyncStatus> condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        while (!condition.test(status())) {
            assertThat(thread.isAlive()).as("ended before: %s, %s", what, said).isTrue();
            assertThat(System.nanoTime())
                    .as("waited too long for: %s, %s, %s", what, status(), said)
                    .isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
    }

    /** Waits until all current changes of the origin are stored. */
    void awaitCurrent() {
        awaitPosition(0);
    }

    /**
     * Waits until the follower has reached the origin's current sequence, and {@code retries} names are scheduled for a
     * retry.
     */
    void awaitPosition(int retries) {
        long goal = clients.job().origin().isPresent() ? originSequence() : 0;
        await(
                "sequence " + goal + " and retries: " + retries,
                status -> status.retries() == retries
                        && status.position() != null
                        && status.position().number().orElse(0) >= goal);
    }

    private long originSequence() {
        return registry.updateSeq();
    }

    /** Interrupts the follower, as a signal does, and returns the exit code. */
    int interrupt() throws InterruptedException {
        thread.interrupt();
        return awaitEnd();
    }

    private int awaitEnd() throws InterruptedException {
        thread.join(TimeUnit.SECONDS.toMillis(120));
        assertThat(thread.isAlive()).as("%s", said).isFalse();
        assertThat(failure).as("%s", said).isNull();
        return exitCode;
    }

    @Override
    public void close() {
        thread.interrupt();
        while (thread.isAlive()) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
        clients.close();
    }

    private final class Sayings implements Progress {
        @Override
        public void begin(String phase, long total) {}

        @Override
        public void advance(long count) {}

        @Override
        public void say(String line) {
            said.add(line);
        }

        @Override
        public void end() {}

        @Override
        public void close() {}
    }
}
