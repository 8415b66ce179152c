package io.alldocs.examples.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheKey;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import io.alldocs.examples.registry.Fault;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs the service as a process, because the tests stop and kill it. */
@Timeout(180)
class PackageServiceTest {
    private static final int NAMES = 240;
    private static final Duration SLOW = Duration.ofMillis(40);

    @TempDir
    private Path folder;

    @Test
    void service_stoppedAndKilledInTheMiddleOfItsJob_resumesAndRequestsNothingThatIsStored() throws Exception {
        List<String> names = Stream.concat(
                        IntStream.range(0, NAMES).mapToObj(i -> "@types/p" + i), Stream.of("express"))
                .toList();
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder()
                .names(names)
                .faults(List.of(Fault.latency(SLOW).on(Endpoint.PACKUMENT)))
                .start()) {
            try (ServiceProcess service = start(registry)) {
                service.await("a third is fetched", () -> registry.requests().count(Endpoint.PACKUMENT) > NAMES / 3);

                HttpResponse<String> missing = service.get("/packages/" + missing(registry));
                assertThat(missing.statusCode()).isEqualTo(503);
                assertThat(missing.body()).contains("is not fetched yet");
                assertThat(service.get("/actuator/health").body())
                        .contains(
                                "\"allDocs\"",
                                "\"state\":\"starting\"",
                                "\"total\":" + NAMES,
                                "\"driver\":\"filesystem\"");
                assertThat(service.get("/actuator/metrics/all.docs.http.requests")
                                .body())
                        .contains("\"statistic\":\"COUNT\"");

                long stopping = System.nanoTime();
                service.terminate();
                assertThat(Duration.ofNanos(System.nanoTime() - stopping)).isLessThan(Duration.ofSeconds(10));
            }
            Set<String> afterStop = stored(registry);
            assertThat(afterStop).hasSizeBetween(NAMES / 4, NAMES - 40);

            try (ServiceProcess service = start(registry)) {
                service.await(
                        "more is fetched",
                        () -> registry.requests().count(Endpoint.PACKUMENT) > afterStop.size() + NAMES / 4);
                service.kill();
            }
            Set<String> afterKill = stored(registry);
            assertThat(afterKill)
                    .hasSizeBetween(afterStop.size() + 1, NAMES - 1)
                    .containsAll(afterStop);
            assertThat(afterStop).allMatch(name -> registry.requests().ofName(name) == 1);
            Map<String, Integer> requests = requests(registry, afterKill);

            registry.faults().clear();
            try (ServiceProcess service = start(registry)) {
                service.await(
                        "follows", () -> service.get("/actuator/health").body().contains("\"state\":\"following\""));
                assertThat(stored(registry)).hasSize(NAMES);
                assertThat(requests(registry, afterKill)).isEqualTo(requests);

                HttpResponse<String> found = service.get("/packages/@types/p7");
                assertThat(found.statusCode()).isEqualTo(200);
                assertThat(found.headers().firstValue("content-type")).contains("application/json");
                assertThat(found.body().getBytes(StandardCharsets.UTF_8))
                        .isEqualTo(registry.packument("@types/p7").orElseThrow());
                assertAbsent(service, "/packages/@types/none", "@types/none is not one of names from @types/");
                assertAbsent(service, "/packages/express", "express is not one of");
                assertAbsent(service, "/packages/a/b/c", "a/b/c");
                assertThat(service.get("/actuator/metrics/all.docs.sync.following")
                                .body())
                        .contains("\"value\":1.0");
                service.terminate();
            }
            assertThat(registry.requests().ofName("express")).isZero();
        }
    }

    private static void assertAbsent(ServiceProcess service, String path, String detail) throws Exception {
        HttpResponse<String> absent = service.get(path);
        assertThat(absent.statusCode()).isEqualTo(404);
        assertThat(absent.body()).contains(detail);
    }

    private ServiceProcess start(EmbeddedRegistry registry) throws IOException {
        return ServiceProcess.start(
                folder,
                "--all-docs.storage.directory=" + folder.resolve("cache"),
                "--all-docs.registry.url=" + registry.origin(),
                "--all-docs.registry.origin=" + registry.origin(),
                "--all-docs.sync.concurrency=4",
                "--all-docs.sync.interval=100ms",
                "--all-docs.sync.max-interval=200ms");
    }

    private Set<String> stored(EmbeddedRegistry registry) {
        Env env = Env.of(Map.of(
                "STORAGE_DRIVER",
                "filesystem",
                "CACHE_DIR",
                folder.resolve("cache").toString()));
        try (Cache cache = Cache.builder().env(env).build()) {
            return registry.names().stream()
                    .filter(name -> cache.has(
                            CacheKey.packument(registry.origin(), name).toString()))
                    .collect(Collectors.toSet());
        }
    }

    private static Map<String, Integer> requests(EmbeddedRegistry registry, Set<String> names) {
        return names.stream()
                .collect(Collectors.toMap(
                        name -> name, name -> registry.requests().ofName(name)));
    }

    private static String missing(EmbeddedRegistry registry) {
        return registry.names().stream()
                .filter(name -> name.startsWith("@types/"))
                .filter(name -> registry.requests().ofName(name) == 0)
                .reduce((first, second) -> second)
                .orElseThrow();
    }
}
