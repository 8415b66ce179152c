package io.alldocs.worker.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.Cache;
import io.alldocs.packument.PackumentFrame;
import io.alldocs.packument.VersionPolicy;
import io.alldocs.packument.VersionRefusal;
import io.alldocs.packument.VersionRule;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The code that the module's README shows. */
class PolicyGuideTest {
    @TempDir
    private Path folder;

    // region policy
    private static VersionPolicy policy() {
        return VersionPolicy.builder()
                .minAge(Duration.ofDays(7))
                .except(VersionRule.MIN_AGE, "@acme/*")
                .except(VersionRule.MIN_AGE, "lodash@4.17.22")
                .block("event-stream@3.3.6")
                .refuseInstallScripts()
                .except(VersionRule.INSTALL_SCRIPTS, "esbuild")
                .build();
    }
    // endregion

    // region frame
    private static List<String> refused(Cache cache, URI registry, VersionPolicy policy, Instant now) {
        try (Stream<List<String>> reasons = PackumentFrame.fromCache(cache, registry)
                .map(packument -> policy.decide(packument, now))
                .map(decisions -> decisions.refusals().values().stream()
                        .map(VersionRefusal::reason)
                        .toList())) {
            return reasons.flatMap(List::stream).toList();
        }
    }
    // endregion

    // region mirror-policy
    private static MirrorServer mirror(Cache cache, URI registry, Path policyFile) {
        return MirrorServer.builder()
                .cache(cache)
                .registry(registry)
                .pullThrough()
                .policyFile(policyFile)
                .start();
    }
    // endregion

    @Test
    void policy_ofTheGuide_decidesAboutWhatACacheHolds() throws Exception {
        try (Bench bench = new Bench()) {
            Instant now = bench.clock.instant();
            for (String name : List.of("lodash", "@acme/ui")) {
                bench.store(
                        name,
                        "{\"name\":\"" + name
                                + "\",\"versions\":{\"4.17.22\":{},\"4.17.23\":{}},\"time\":{\"4.17.22\":\"" + now
                                + "\",\"4.17.23\":\"" + now + "\"}}",
                        head -> head.outcome("ok"));
            }

            assertThat(refused(bench.cache, bench.registry, policy(), now))
                    .singleElement()
                    .asString()
                    .startsWith("min-age: lodash@4.17.23 was published");

            Path file = Files.writeString(folder.resolve("policy.conf"), policy().toString());
            try (MirrorServer mirror = mirror(bench.cache, bench.registry, file)) {
                assertThat(mirror.address().getPort()).isPositive();
            }
        }
    }
}
