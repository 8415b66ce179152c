package io.alldocs.examples.programs;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.packument.PackumentClient;
import io.alldocs.packument.PackumentFrame;
import io.alldocs.packument.VersionPolicy;
import io.alldocs.packument.VersionRefusal;
import io.alldocs.packument.VersionRule;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/**
 * Prints which versions of the cached packages a policy refuses, with the reasons. Arguments: names of packages to
 * fetch first; optional.
 */
public final class RefusedVersions {
    private RefusedVersions() {}

    /** Runs the program. */
    public static void main(String[] args) {
        Env env = Env.system();
        try (Cache cache = Cache.builder().env(env).build();
                PackumentClient client =
                        PackumentClient.builder().env(env).cache(cache).build()) {
            List.of(args).forEach(client::request);
            refused(cache, client.registry(), policy(), Instant.now()).forEach(System.out::println);
        }
    }

    // region policy
    static VersionPolicy policy() {
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

    // region refused
    static List<String> refused(Cache cache, URI registry, VersionPolicy policy, Instant now) {
        try (Stream<List<String>> reasons = PackumentFrame.fromCache(cache, registry)
                .map(packument -> policy.decide(packument, now))
                .map(decisions -> decisions.refusals().values().stream()
                        .map(VersionRefusal::reason)
                        .toList())) {
            return reasons.flatMap(List::stream).toList();
        }
    }
    // endregion
}
