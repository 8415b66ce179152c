package io.alldocs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.HostLimiters;
import io.alldocs.packument.VersionPolicy;
import io.alldocs.packument.VersionRule;
import io.alldocs.worker.mirror.MirrorServer;
import io.alldocs.worker.mirror.MirrorServerBuilder;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tests what npm, pnpm, both yarns and bun install through a mirror with a policy. The project depends on {@code app},
 * which depends on {@code leaf}. A version of {@code leaf} was published an hour ago. Requires Node; {@code
 * src/test/js} sets the clients' versions.
 */
@Tag("interop")
@Timeout(300)
class PolicyInteropTest {
    private static final VersionPolicy WEEK =
            VersionPolicy.builder().minAge(Duration.ofDays(7)).build();

    @TempDir
    private Path folder;

    private final MovableClock clock = new MovableClock();
    private final BaseHttpClient http =
            BaseHttpClient.builder().limiters(HostLimiters.create()).build();
    private final Cache cache =
            Cache.builder().driver(new MemoryStorageDriver()).clock(clock).build();
    private PackageOrigin origin;
    private int port;
    private int projects;

    /** A clock that changes only when a test sets it. */
    private static final class MovableClock extends Clock {
        private volatile Instant now = Instant.now();

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    @BeforeEach
    void publish() throws IOException {
        Instant now = clock.instant();
        origin = new PackageOrigin()
                .publish("app", "1.0.0", now.minus(Duration.ofDays(300)), Map.of("leaf", "^1.0.0"))
                .publish("leaf", "1.0.0", now.minus(Duration.ofDays(400)), Map.of())
                .publish("leaf", "1.0.1", now.minus(Duration.ofDays(100)), Map.of())
                .publish("leaf", "1.0.2", now.minus(Duration.ofHours(1)), Map.of());
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
    }

    @AfterEach
    void close() {
        http.close();
        cache.close();
        origin.close();
    }

    /** Returns a builder of a mirror that always has the same address, because lockfiles contain it. */
    private MirrorServerBuilder mirror() {
        return MirrorServer.builder()
                .cache(cache)
                .registry(URI.create(origin.address()))
                .pullThrough(http)
                .port(port)
                .rewriteTarballs(URI.create("http://127.0.0.1:" + port))
                .clientMaxAge(Duration.ZERO);
    }

    private Path project() throws IOException {
        Path project = Files.createDirectories(folder.resolve("project-" + projects++));
        Files.writeString(
                project.resolve("package.json"),
                "{\"name\":\"project\",\"version\":\"1.0.0\",\"dependencies\":{\"app\":\"^1.0.0\"}}");
        return project;
    }

    private String installs(NpmClient client, String registry, String home, String... options) throws Exception {
        Path project = project();
        NpmClient.Run run = client.install(project, folder.resolve(home), registry, options);
        assertThat(run.exitCode()).as(run.printed()).isZero();
        assertThat(client.installed(project, "app")).contains("1.0.0");
        return client.installed(project, "leaf").orElse("none");
    }

    @ParameterizedTest
    @EnumSource
    void install_underAMinimumAge_takesTheVersionBefore_untilTheDayComes(NpmClient client) throws Exception {
        List<String> byDay = new ArrayList<>();
        try (MirrorServer mirror = mirror().policy(WEEK).start()) {
            String registry = mirror.address().toString();
            for (int day = 0; day <= 7; day++) {
                byDay.add(installs(client, registry, "warm"));
                clock.now = clock.now.plus(Duration.ofDays(1));
                client.letPackumentsGoStale(folder.resolve("warm"));
            }
        }
        // At first, the version is one hour old. It is therefore seven days old one hour before the eighth install.
        assertThat(byDay).containsExactly("1.0.1", "1.0.1", "1.0.1", "1.0.1", "1.0.1", "1.0.1", "1.0.1", "1.0.2");
    }

    @ParameterizedTest
    @EnumSource
    void install_withAnException_takesTheNewVersion(NpmClient client) throws Exception {
        VersionPolicy policy = VersionPolicy.builder()
                .minAge(Duration.ofDays(7))
                .except(VersionRule.MIN_AGE, "leaf@1.0.2")
                .build();
        try (MirrorServer mirror = mirror().policy(policy).start()) {
            assertThat(installs(client, mirror.address().toString(), "home")).isEqualTo("1.0.2");
        }
    }

    @ParameterizedTest
    @EnumSource
    void install_ofALockfileThatNamesARefusedVersion_isAnErrorWithTheReason(NpmClient client) throws Exception {
        Path project = project();
        try (MirrorServer mirror = mirror().start()) {
            NpmClient.Run run = client.install(
                    project, folder.resolve("first"), mirror.address().toString());
            assertThat(run.exitCode()).as(run.printed()).isZero();
            assertThat(client.installed(project, "leaf")).contains("1.0.2");
        }
        Path fresh = project();
        Files.copy(project.resolve(client.lockfile()), fresh.resolve(client.lockfile()));
        try (MirrorServer mirror = mirror().policy(WEEK).start()) {
            NpmClient.Run run = client.install(
                    fresh, folder.resolve("second"), mirror.address().toString());

            assertThat(run.exitCode()).as(run.printed()).isNotZero();
            assertThat(run.printed()).contains("403", "leaf-1.0.2.tgz");
            boolean printsPhrases = client != NpmClient.YARN_CLASSIC && client != NpmClient.BUN;
            assertThat(run.printed().contains("min-age: leaf@1.0.2 was published"))
                    .isEqualTo(printsPhrases);
            assertThat(client.installed(fresh, "leaf")).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void install_ofAPackageWithoutAllowedVersions_isAnErrorWithTheReason(NpmClient client) throws Exception {
        origin.publish("fresh", "1.0.0", clock.instant().minus(Duration.ofHours(1)), Map.of());
        Path project = project();
        Files.writeString(
                project.resolve("package.json"),
                "{\"name\":\"project\",\"version\":\"1.0.0\",\"dependencies\":{\"fresh\":\"^1.0.0\"}}");
        try (MirrorServer mirror = mirror().policy(WEEK).start()) {
            NpmClient.Run run = client.install(
                    project, folder.resolve("home"), mirror.address().toString());

            assertThat(run.exitCode()).as(run.printed()).isNotZero();
            // Yarn 1 prints the reason without the status.
            assertThat(run.printed()).contains(client == NpmClient.YARN_CLASSIC ? "/fresh" : "403");
            assertThat(run.printed().contains("min-age: fresh@1.0.0 was published"))
                    .as(run.printed())
                    .isEqualTo(client != NpmClient.BUN);
        }
    }

    /** Returns the clients' own options for a minimum age. */
    static Stream<Arguments> gates() {
        String cutOff = Instant.now().minus(Duration.ofDays(7)).toString();
        return Stream.of(
                Arguments.of(NpmClient.NPM, "--before=" + cutOff),
                Arguments.of(NpmClient.NPM, "--min-release-age=7"),
                Arguments.of(NpmClient.PNPM, "--config.minimum-release-age=10080"),
                Arguments.of(NpmClient.BUN, "--minimum-release-age=604800"));
    }

    @ParameterizedTest
    @MethodSource("gates")
    void install_withTheClientsOwnGate_choosesThroughTheMirrorWhatItChoosesDirectly(NpmClient client, String gate)
            throws Exception {
        String directly = installs(client, origin.address(), "direct", gate);
        assertThat(directly).isEqualTo("1.0.1");
        assertThat(installs(client, origin.address(), "ungated")).isEqualTo("1.0.2");
        try (MirrorServer mirror = mirror().start()) {
            String registry = mirror.address().toString();
            assertThat(installs(client, registry, "empty", gate))
                    .as("an empty cache")
                    .isEqualTo(directly);
        }
        for (String name : List.of("app", "leaf")) {
            cache.delete(CacheKey.packument(URI.create(origin.address()), name).toString());
        }
        try (MirrorServer mirror = mirror().start()) {
            String registry = mirror.address().toString();
            // Without the gate, the clients request the abbreviated form, so the cache has only this form then.
            assertThat(installs(client, registry, "filling")).isEqualTo("1.0.2");
            assertThat(installs(client, registry, "abbreviated", gate))
                    .as("an abbreviated cache")
                    .isEqualTo(directly);
        }
    }
}
