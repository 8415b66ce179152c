package io.alldocs.sync.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import io.alldocs.examples.registry.Fault;
import io.alldocs.partition.Partition;
import io.alldocs.sync.RegistrySync;
import io.alldocs.sync.SyncJob;
import io.alldocs.sync.SyncPhase;
import io.alldocs.sync.SyncResult;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs the guide's program in a separate process, and ends it in each phase in each way. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WatchPackagesTest {
    private static final int PAGE = 10;

    /** Number of packuments that a job requests concurrently. */
    private static final int CONCURRENCY = 32;

    private static final List<String> WANTED =
            IntStream.range(100, 180).mapToObj(number -> "a" + number).toList();

    @TempDir
    private Path folder;

    private static EmbeddedRegistry registry() {
        return EmbeddedRegistry.builder()
                .names(Stream.concat(WANTED.stream(), Stream.of("b1", "b2")).toList())
                .mixedStates(false)
                .start();
    }

    private static final class Running implements AutoCloseable {
        private final EmbeddedRegistry registry;
        private final Process process;
        private final BufferedReader out;
        private final PrintWriter in;

        Running(EmbeddedRegistry registry, Path cacheFolder) throws IOException {
            this.registry = registry;
            String origin = registry.origin().toString();
            process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:TieredStopAtLevel=1",
                            "-XX:+UseSerialGC",
                            "-cp",
                            System.getProperty("java.class.path"),
                            WatchPackages.class.getName(),
                            origin,
                            origin,
                            "a",
                            cacheFolder.toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            in = new PrintWriter(process.getOutputStream(), true, StandardCharsets.UTF_8);
        }

        String await(Predicate<String> expected) throws IOException {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (expected.test(line)) {
                    return line;
                }
            }
            throw new AssertionError("The program ended.");
        }

        void awaitRequests(Endpoint endpoint, int count) {
            while (registry.requests().count(endpoint) < count) {
                assertThat(process.isAlive()).isTrue();
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2)); // the test's timeout limits the wait
            }
        }

        void end(Ending way) throws Exception {
            switch (way) {
                case STOP -> {
                    in.println("stop");
                    await("stopped"::equals);
                    assertThat(process.waitFor()).isZero();
                }
                case SIGTERM -> process.toHandle().destroy(); // Process.destroy also ends the input, which stops it
                case SIGKILL -> process.destroyForcibly();
            }
            assertThat(process.waitFor())
                    .isEqualTo(
                            switch (way) {
                                case STOP -> 0;
                                case SIGTERM -> 128 + 15;
                                case SIGKILL -> 128 + 9;
                            });
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    enum Ending {
        STOP,
        SIGTERM,
        SIGKILL
    }

    /** Ends the program while it fetches; the chaos tests cover all twelve combinations. */
    @ParameterizedTest
    @CsvSource({"FETCH, SIGTERM", "REPLAY, SIGKILL"})
    void watch_endedInAPhase_resumesAndRequestsNothingThatIsStored(SyncPhase phase, Ending way) throws Exception {
        try (EmbeddedRegistry registry = registry()) {
            endAndResume(phase, way, registry);
        }
    }

    static Stream<Arguments> everyEndingInEveryPhase() {
        return Stream.of(SyncPhase.LIST, SyncPhase.FETCH, SyncPhase.REPLAY, SyncPhase.SETTLE)
                .flatMap(phase -> Arrays.stream(Ending.values()).map(way -> arguments(phase, way)));
    }

    @ParameterizedTest
    @MethodSource("everyEndingInEveryPhase")
    @Tag("chaos")
    void watch_endedInEachWay_resumesAndRequestsNothingThatIsStored(SyncPhase phase, Ending way) throws Exception {
        try (EmbeddedRegistry registry = registry()) {
            endAndResume(phase, way, registry);
        }
    }

    private void endAndResume(SyncPhase phase, Ending way, EmbeddedRegistry registry) throws Exception {
        Path cacheFolder = folder.resolve("cache-" + way);
        registry.faults().set(faults(phase));
        List<String> changed = WANTED.subList(0, 12);
        if (phase == SyncPhase.SETTLE) {
            changed.forEach(registry::publish);
        }
        try (Running running = new Running(registry, cacheFolder)) {
            if (phase == SyncPhase.REPLAY) {
                running.awaitRequests(Endpoint.PACKUMENT, 2 * CONCURRENCY + 1); // so that the first ones are answered
                changed.forEach(registry::publish);
            }
            running.await(line -> line.startsWith("phase " + phase));
            registry.requests().reset();
            switch (phase) { // some of it is stored at that point, and some is not
                case LIST -> running.awaitRequests(Endpoint.ALL_DOCS, 4);
                case FETCH -> running.awaitRequests(Endpoint.PACKUMENT, 2 * CONCURRENCY + 1);
                case REPLAY -> running.awaitRequests(Endpoint.PACKUMENT, 1);
                default -> {} // the job waits 10 s before the next request
            }
            running.end(way);
        }
        registry.requests().reset();
        registry.faults().clear();
        registry.faults().set(Fault.pageCap(PAGE));
        try (Cache cache = cache(cacheFolder);
                RegistrySync sync = open(registry, cache)) {
            long pages = stored(cache, "v1:partition:");
            List<String> missing = missing(registry, sync);

            SyncResult result = sync.bootstrap();

            assertThat(result.status()).as(result.reason()).isEqualTo(SyncResult.Status.COMPLETE);
            assertThat(result.resumed()).isTrue();
            assertThat(missing).hasSizeBetween(1, WANTED.size());
            assertThat(result.work().fetched() + result.work().unchanged()).isEqualTo(missing.size());
            assertThat(missing(registry, sync)).isEmpty();
            if (phase == SyncPhase.LIST) {
                assertThat(pages).isPositive();
                assertThat(result.work().pages()).isEqualTo(result.proof().pages() - pages);
            } else if (phase != SyncPhase.REPLAY) { // whose changes make a page stale
                assertThat(registry.requests().count(Endpoint.ALL_DOCS)).isZero();
            }
        }
    }

    /** Returns faults that slow down the phase. */
    private static List<Fault> faults(SyncPhase phase) {
        return switch (phase) {
            case LIST ->
                List.of(
                        Fault.pageCap(PAGE),
                        Fault.latency(Duration.ofMillis(150)).on(Endpoint.ALL_DOCS));
            case FETCH, REPLAY -> List.of(Fault.latency(Duration.ofMillis(300)).on(Endpoint.PACKUMENT));
            case SETTLE -> List.of(Fault.stale(1));
            case PLAN, COUNT, COMPARE -> throw new IllegalArgumentException(phase.label());
        };
    }

    private static Cache cache(Path cacheFolder) {
        return Cache.builder()
                .env(Env.of(Map.of("STORAGE_DRIVER", "filesystem", "CACHE_DIR", cacheFolder.toString())))
                .build();
    }

    private static RegistrySync open(EmbeddedRegistry registry, Cache cache) {
        SyncJob job = SyncJob.builder()
                .origin(registry.origin())
                .registry(registry.origin())
                .range(Partition.of("a", "a\uffff"))
                .build();
        return RegistrySync.builder()
                .job(job)
                .cache(cache)
                .lagWait(Duration.ofMillis(10))
                .build();
    }

    private static long stored(Cache cache, String prefix) {
        try (Stream<String> keys = cache.keys(prefix)) {
            return keys.count();
        }
    }

    /** Returns the names whose current revision is not stored. */
    private static List<String> missing(EmbeddedRegistry registry, RegistrySync sync) {
        List<String> missing = new ArrayList<>();
        for (String name : WANTED) {
            CacheKey key = CacheKey.packument(registry.origin(), name);
            String stored = sync.cache().head(key).map(EntryMetadata::rev).orElse("");
            if (!registry.rev(name).orElseThrow().equals(stored)) {
                missing.add(name);
            }
        }
        return missing;
    }

    @Test
    void watch_followingItsFeed_printsEachChangeAndAnswers() throws Exception {
        try (EmbeddedRegistry registry = registry();
                Running running = new Running(registry, folder.resolve("cache"))) {
            running.await(("phase FETCH of " + WANTED.size())::equals);
            running.in.println("progress");
            running.await(line -> line.matches("(STARTING|FOLLOWING), \\w+ \\d+( of \\d+)?"));
            running.await("phase REPLAY"::equals);
            registry.publish(WANTED.get(0));

            running.await(("changed " + WANTED.get(0) + " "
                    + registry.rev(WANTED.get(0)).orElseThrow() + " OK")::equals);
            running.in.println("status");
            assertThat(running.await(line -> line.startsWith("{"))).contains("\"state\":\"");
            running.end(Ending.STOP);
        }
    }
}
