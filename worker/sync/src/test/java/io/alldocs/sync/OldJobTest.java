package io.alldocs.sync;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import io.alldocs.examples.registry.Fault;
import io.alldocs.http.ClientRequest;
import io.alldocs.http.ClientResponse;
import io.alldocs.http.HttpTransport;
import io.alldocs.http.JdkTransport;
import io.alldocs.http.Timeouts;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests jobs written by the program at commit a526a35. The fixtures are caches of its {@code bootstrap} and
 * {@code follow} over the embedded registry of 12 names (seed 1, no mixed states). The registry was at
 * {@code http://registry.test:8123}, a name that its JVM resolved to 127.0.0.1. The process was killed with SIGKILL at
 * the point that the file name states. This test redirects that address to a registry of the same names on a free port.
 */
@Timeout(120)
class OldJobTest {
    private static final URI ADDRESS = URI.create("http://registry.test:8123");
    private static final int NAMES = 12;

    @TempDir
    private Path folder;

    private EmbeddedRegistry registry() {
        return EmbeddedRegistry.builder().names(NAMES).mixedStates(false).start();
    }

    private void unzip(String fixture) throws IOException {
        InputStream file =
                Objects.requireNonNull(getClass().getResourceAsStream("a526a35/" + fixture + ".zip"), fixture);
        try (ZipInputStream zip = new ZipInputStream(file)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                Files.copy(zip, folder.resolve(entry.getName()));
            }
        }
    }

    private static final SyncJob JOB =
            SyncJob.builder().origin(ADDRESS).registry(ADDRESS).build();

    private RegistrySync open(EmbeddedRegistry registry, Cache cache) {
        return RegistrySync.builder()
                .env(Env.of(Map.of()))
                .job(JOB)
                .cache(cache)
                .transport(new Redirected(registry.origin()))
                .rate(0)
                .lagWait(Duration.ofMillis(10))
                .build();
    }

    private Cache cache() {
        return Cache.builder()
                .env(Env.of(Map.of("STORAGE_DRIVER", "sqlite", "CACHE_DIR", folder.toString())))
                .build();
    }

    @ParameterizedTest
    @ValueSource(strings = {"finished", "javascript-form"})
    void bootstrap_ofAFinishedJob_readsTheFeedAlone(String fixture) throws IOException {
        unzip(fixture);
        try (EmbeddedRegistry registry = registry();
                Cache cache = cache();
                RegistrySync sync = open(registry, cache)) {
            SyncResult result = sync.bootstrap();

            assertThat(result.status()).as(result.reason()).isEqualTo(SyncResult.Status.COMPLETE);
            assertThat(result.resumed()).isTrue();
            assertThat(registry.requests().count(Endpoint.PACKUMENT)).isZero();
            assertThat(registry.requests().count(Endpoint.ALL_DOCS)).isZero();
            TestSync.assertCurrent(sync, registry);
        }
    }

    /** Two pages of three rows were stored, and possibly a third. */
    @Test
    void bootstrap_killedWhileListing_resumesAfterTheStoredPages() throws IOException {
        unzip("killed-listing");
        try (EmbeddedRegistry registry = registry();
                Cache cache = cache();
                RegistrySync sync = open(registry, cache)) {
            long pages = storedPages(cache);
            assertThat(pages).isPositive();
            registry.faults().set(Fault.pageCap(3));

            SyncResult result = sync.bootstrap();

            assertThat(result.status()).as(result.reason()).isEqualTo(SyncResult.Status.COMPLETE);
            assertThat(result.resumed()).isTrue();
            assertThat(result.proof()).isNotNull();
            assertThat(result.work().pages()).isEqualTo(result.proof().pages() - pages);
            TestSync.assertCurrent(sync, registry);
        }
    }

    private static long storedPages(Cache cache) {
        try (var keys = cache.keys("v1:partition:")) {
            return keys.count();
        }
    }

    @Test
    void bootstrap_killedWhileFetching_requestsWhatIsMissing() throws IOException {
        unzip("killed-fetching");
        try (EmbeddedRegistry registry = registry();
                Cache cache = cache();
                RegistrySync sync = open(registry, cache)) {
            long stored = storedPackuments(cache);
            assertThat(stored).isBetween(1L, NAMES - 1L);

            SyncResult result = sync.bootstrap();

            assertThat(result.status()).as(result.reason()).isEqualTo(SyncResult.Status.COMPLETE);
            assertThat(registry.requests().count(Endpoint.PACKUMENT)).isEqualTo(NAMES - stored);
            assertThat(registry.requests().count(Endpoint.ALL_DOCS)).isZero();
            TestSync.assertCurrent(sync, registry);
        }
    }

    private static long storedPackuments(Cache cache) {
        try (var keys = cache.keys("v1:packument:")) {
            return keys.count();
        }
    }

    /** Three names changed after they were fetched. */
    @ParameterizedTest
    @ValueSource(strings = {"killed-replaying", "killed-settling"})
    void bootstrap_killedBehindTheFeed_requestsWhatChanged(String fixture) throws IOException {
        unzip(fixture);
        try (EmbeddedRegistry registry = registry();
                Cache cache = cache();
                RegistrySync sync = open(registry, cache)) {
            List<String> changed = List.copyOf(registry.names().subList(0, 3));
            changed.forEach(registry::publish);

            SyncResult result = sync.bootstrap();

            assertThat(result.status()).as(result.reason()).isEqualTo(SyncResult.Status.COMPLETE);
            assertThat(registry.requests().namesAskedAtLeast(1)).isEqualTo(3);
            assertThat(registry.requests().count(Endpoint.PACKUMENT)).isEqualTo(3);
            assertThat(result.lagging()).isZero();
            TestSync.assertCurrent(sync, registry);
        }
    }

    @Test
    void follow_ofAFollowerWithPendingNames_retriesThem() throws IOException {
        unzip("following-with-owed-names");
        try (EmbeddedRegistry registry = registry();
                Cache cache = cache();
                RegistrySync sync = open(registry, cache)) {
            List.copyOf(registry.names().subList(5, 10)).forEach(registry::publish);
            JobState left = sync.state();
            assertThat(left.retries()).isEqualTo(5);
            assertThat(left.stale()).isEqualTo(java.util.Set.of(0));

            boolean isCurrent = sync.follow(FollowOptions.DEFAULT
                    .until(FollowOptions.Until.IDLE)
                    .interval(Duration.ofMillis(10), Duration.ofMillis(100)));

            assertThat(isCurrent).isTrue();
            assertThat(registry.requests().namesAskedAtLeast(1)).isEqualTo(5);
            assertThat(sync.state().retries()).isZero();
            assertThat(sync.state().position()).isEqualTo(left.position());
            TestSync.assertCurrent(sync, registry);
        }
    }

    /** The program at a526a35 recorded the page of a login portal as the outcome of a name. */
    private List<String> blockTwo(EmbeddedRegistry registry, Cache cache) {
        List<String> blocked = List.copyOf(registry.names().subList(3, 5));
        EntryMetadata old = EntryMetadata.builder()
                .status(403)
                .form("full")
                .outcome("blocked")
                .storedAt(Instant.now())
                .lifetime(Duration.ofDays(1))
                .build();
        blocked.forEach(
                name -> cache.driver().put(CacheKey.packument(ADDRESS, name).toString(), old, Body.of(new byte[0])));
        String set = HexFormat.of().formatHex((JOB.id() + "-packuments").getBytes(StandardCharsets.UTF_8));
        String key = "v1:checkpoint:" + set + ":p:00000000";
        ObjectNode record = (ObjectNode) cache.get(key, JsonNode.class).orElseThrow();
        record.withObject("/details").put("ok", NAMES - 2).put("blocked", 2);
        cache.set(key, record);
        return blocked;
    }

    @Test
    void follow_ofAFinishedJobWithOutcomesOfAPortal_requestsThemOnce() throws IOException {
        unzip("finished");
        try (EmbeddedRegistry registry = registry();
                Cache cache = cache();
                RegistrySync sync = open(registry, cache)) {
            blockTwo(registry, cache);

            assertThat(sync.follow(FollowOptions.DEFAULT.until(FollowOptions.Until.ONCE)))
                    .isTrue();
            assertThat(sync.follow(FollowOptions.DEFAULT.until(FollowOptions.Until.ONCE)))
                    .isTrue();

            assertThat(registry.requests().count(Endpoint.PACKUMENT)).isEqualTo(2);
            TestSync.assertCurrent(sync, registry);
        }
    }

    @Test
    void steps_ofAFinishedJobWithOutcomesOfAPortal_requestThemOnce() throws IOException {
        unzip("finished");
        try (EmbeddedRegistry registry = registry();
                Cache cache = cache();
                RegistrySync sync = open(registry, cache);
                JobOwner owner = sync.claim("a fleet")) {
            blockTwo(registry, cache);
            SyncSteps steps = sync.steps(owner.epoch());

            steps.beginRun();
            assertThat(steps.plan().unfetched()).containsExactly(0);
            assertThat(steps.fetch(0, 0)).isTrue();
            steps.beginRun();

            assertThat(steps.plan().unfetched()).isEmpty();
            assertThat(registry.requests().count(Endpoint.PACKUMENT)).isEqualTo(2);
            TestSync.assertCurrent(sync, registry);
        }
    }

    /** The program at a526a35 reads that number first, and refuses any number other than 1 with a message. */
    @Test
    void bootstrap_ofAnOldJob_leavesAStateOfAnotherVersion() throws IOException {
        unzip("finished");
        try (EmbeddedRegistry registry = registry();
                Cache cache = cache();
                RegistrySync sync = open(registry, cache)) {
            assertThat(version(cache)).isEqualTo(1);

            sync.bootstrap();

            assertThat(version(cache)).isEqualTo(2);
        }
    }

    private static int version(Cache cache) {
        return cache.get("v1:bootstrap:" + JOB.id(), JsonNode.class)
                .orElseThrow()
                .path("version")
                .asInt();
    }

    /** Redirects the address in the fixtures to a registry on this machine. */
    private static final class Redirected implements HttpTransport {
        private final JdkTransport wire = JdkTransport.create();
        private final URI registry;

        Redirected(URI registry) {
            this.registry = registry;
        }

        @Override
        public ClientResponse send(ClientRequest call, Timeouts timeouts) throws IOException, InterruptedException {
            URI asked = call.uri();
            URI there = URI.create("http://" + registry.getRawAuthority()
                    + asked.toString().substring(("http://" + asked.getRawAuthority()).length()));
            ClientResponse reply = wire.send(
                    new ClientRequest(
                            call.method(),
                            there,
                            call.headers(),
                            call.body(),
                            call.accepted(),
                            call.timeout(),
                            call.repeatable()),
                    timeouts);
            return new ClientResponse(reply.status(), asked, reply.headers(), reply.body(), reply.contentLength());
        }

        @Override
        public void close() {
            wire.close();
        }
    }
}
