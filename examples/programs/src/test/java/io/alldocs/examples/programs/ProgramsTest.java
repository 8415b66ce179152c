package io.alldocs.examples.programs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.entry.EntrySource;
import io.alldocs.cache.run.RunSummary;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import io.alldocs.examples.registry.NameState;
import io.alldocs.packument.PackumentClient;
import io.alldocs.partition.ChangesClient;
import io.alldocs.worker.WorkerStatus.Counts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs each program against the embedded registry. */
@Timeout(60)
class ProgramsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);

    @TempDir
    private Path folder;

    private EmbeddedRegistry registry;

    @BeforeEach
    void startRegistry() {
        registry = EmbeddedRegistry.builder()
                .names("@scope/name", "express", "express-session", "koa", "lodash")
                .state("koa", NameState.UNPUBLISHED)
                .start();
    }

    @AfterEach
    void stopRegistry() {
        registry.close();
    }

    private Env env(String driver) {
        Map<String, String> variables = new HashMap<>();
        variables.put("NPM_ORIGIN", registry.origin().toString());
        variables.put("NPM_REGISTRY", registry.origin().toString());
        variables.put("STORAGE_DRIVER", driver);
        variables.put("COUNTED_DRIVER", "filesystem");
        variables.put("CACHE_DIR", folder.resolve("cache").toString());
        variables.put("QUEUE_INTERVAL_CAP", "0");
        return Env.of(variables);
    }

    private List<String> lines() {
        List<String> lines = printed.toString(StandardCharsets.UTF_8).lines().toList();
        printed.reset();
        return lines;
    }

    @Test
    void listNames_partOfTheRegistry_printsItsNamesInOrder() {
        ListNames.run(env("memory"), out, "express", "l");

        assertThat(lines()).containsExactly("express", "express-session", "koa");
    }

    @Test
    void fetchPackument_package_printsLatestAndItsDependencies() throws IOException {
        FetchPackument.run(env("memory"), out, "express");

        JsonNode packument = JSON.readTree(registry.packument("express").orElseThrow());
        String latest = packument.at("/dist-tags/latest").asText();
        List<String> expected = new ArrayList<>(List.of("express " + latest));
        packument
                .path("versions")
                .path(latest)
                .path("dependencies")
                .properties()
                .forEach(dependency -> expected.add(
                        "  " + dependency.getKey() + " " + dependency.getValue().asText()));
        assertThat(lines()).isEqualTo(expected);
    }

    @Test
    void fetchPackument_nameThatIsNotThere_printsTheOutcome() {
        FetchPackument.run(env("memory"), out, "no-such");

        assertThat(lines()).containsExactly("no-such: NOT_FOUND");
    }

    @Test
    void fetchMany_again_requestsOnlyWhatIsMissing() {
        RunSummary first = FetchMany.run(env("filesystem"), out, List.of("express", "lodash", "koa"));

        assertThat(first.failed()).isZero();
        assertThat(lines())
                .containsExactlyInAnyOrder(
                        "express OK FETCHED", "lodash OK FETCHED", "koa UNPUBLISHED FETCHED", "3 names, 0 failed");

        RunSummary second = FetchMany.run(env("filesystem"), out, List.of("express", "lodash", "koa", "@scope/name"));

        assertThat(second.bySource()).containsEntry(EntrySource.HIT, 3L).containsEntry(EntrySource.FETCHED, 1L);
        assertThat(registry.requests().count(Endpoint.PACKUMENT)).isEqualTo(4);
    }

    @Test
    void followChanges_steps_printEachChangeOnce() throws IOException {
        Path position = folder.resolve("position");
        try (ChangesClient feed = ChangesClient.builder().env(env("memory")).build()) {
            FollowChanges.step(feed, out, position);
            assertThat(lines()).isEmpty();

            registry.publish("lodash");
            registry.delete("express-session");
            FollowChanges.step(feed, out, position);
            assertThat(lines()).containsExactlyInAnyOrder("changed lodash", "deleted express-session");
        }

        registry.publish("express");
        try (ChangesClient restarted =
                ChangesClient.builder().env(env("memory")).build()) {
            FollowChanges.step(restarted, out, position);
            assertThat(lines()).containsExactly("changed express");
        }
    }

    @Test
    void ownDriver_foundByItsName_countsWhatTheCacheDoes() {
        OwnDriver.run(env("counting"), out, "lodash");
        assertThat(lines())
                .satisfiesExactly(
                        outcome -> assertThat(outcome).isEqualTo("lodash OK"),
                        counts -> assertThat(counts).matches("[1-9]\\d* reads, 1 writes"));

        OwnDriver.run(env("counting"), out, "lodash");
        assertThat(lines()).last().asString().as("a hit").endsWith(" reads, 0 writes");
        assertThat(registry.requests().count(Endpoint.PACKUMENT)).isEqualTo(1);
    }

    @Test
    void ownDriver_withoutTheDriverToCount_saysWhichVariableIsMissing() {
        Env incomplete = Env.of(Map.of("STORAGE_DRIVER", "counting"));

        assertThatThrownBy(() -> OwnDriver.run(incomplete, out, "lodash"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("COUNTED_DRIVER");
    }

    @Test
    void ownWorkItems_withAWholeRegistry_areAllDone() throws InterruptedException {
        Map<String, Counts> done = OwnWorkItems.run(env("memory"), "express");

        assertThat(done.get("licence").done()).isEqualTo(1);
        assertThat(done.get("sync-fetch").units()).isEqualTo(registry.names().size());
        assertThat(done.values()).allMatch(counts -> counts.dead() == 0 && counts.retried() == 0);
    }

    @Test
    void refusedVersions_policyOfTheProgram_givesEachReason() {
        Env env = env("filesystem");
        FetchMany.run(env, out, List.of("lodash", "express"));
        try (Cache cache = Cache.builder().env(env).build();
                PackumentClient client =
                        PackumentClient.builder().env(env).cache(cache).build()) {
            Instant farAhead = Instant.now().plus(Duration.ofDays(36_500));
            Instant longAgo = Instant.EPOCH;

            assertThat(RefusedVersions.refused(cache, client.registry(), RefusedVersions.policy(), farAhead))
                    .as("all versions are old enough")
                    .noneMatch(reason -> reason.startsWith("min-age:"));
            assertThat(RefusedVersions.refused(cache, client.registry(), RefusedVersions.policy(), longAgo))
                    .anySatisfy(reason -> assertThat(reason).startsWith("min-age: lodash@"))
                    .anySatisfy(reason -> assertThat(reason).startsWith("min-age: express@"));
        }
    }

    @Test
    void dependents_ofEveryPackage_areThoseOfTheRegistry() throws IOException {
        try (EmbeddedRegistry large =
                EmbeddedRegistry.builder().names(200).mixedStates(true).start()) {
            Map<String, String> variables = new HashMap<>(env("filesystem").asMap());
            variables.put("NPM_REGISTRY", large.origin().toString());
            Env env = Env.of(variables);
            FetchMany.run(env, out, large.names());
            Map<String, List<String>> expected = dependents(large);
            assertThat(expected).isNotEmpty();

            try (Cache cache = Cache.builder().env(env).build()) {
                expected.forEach((name, dependents) -> assertThat(Dependents.of(cache, large.origin(), name))
                        .as(name)
                        .containsExactlyInAnyOrderElementsOf(dependents));
            }
        }
    }

    private static Map<String, List<String>> dependents(EmbeddedRegistry registry) throws IOException {
        Map<String, List<String>> dependents = new TreeMap<>();
        for (String name : registry.names()) {
            if (registry.state(name).orElseThrow() == NameState.PRESENT) {
                JsonNode packument = JSON.readTree(registry.packument(name).orElseThrow());
                String latest = packument.at("/dist-tags/latest").asText();
                packument
                        .path("versions")
                        .path(latest)
                        .path("dependencies")
                        .fieldNames()
                        .forEachRemaining(dependency -> dependents
                                .computeIfAbsent(dependency, key -> new ArrayList<>())
                                .add(name));
            }
        }
        return dependents;
    }
}
