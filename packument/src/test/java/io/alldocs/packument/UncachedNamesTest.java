package io.alldocs.packument;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.CacheMode;
import io.alldocs.cache.RequestOptions;
import io.alldocs.cache.run.RunSummary;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.http.NpmConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UncachedNamesTest {
    private static final RequestOptions FORCE = RequestOptions.of(CacheMode.FORCE_CACHE);
    private static final RequestOptions RELOAD = RequestOptions.of(CacheMode.RELOAD);

    private final Setup setup = new Setup();
    private final EmbeddedRegistry registry =
            EmbeddedRegistry.builder().names(60).mixedStates(false).start();
    private final List<String> names = List.copyOf(registry.names());

    @AfterEach
    void close() {
        registry.close();
        setup.close();
    }

    @Test
    void absent_partlyStored_areTheOthersAndAreFetchedWithoutARead() {
        try (PackumentClient client = setup.client(registry.origin()).build()) {
            client.requestAll(names.subList(10, 30), FORCE, result -> {});
            setup.driver.gets.set(0);
            setup.driver.heads.set(0);

            Set<String> absent = client.absent(names);

            List<String> expected = new ArrayList<>(names);
            expected.removeAll(names.subList(10, 30));
            assertThat(absent).containsExactlyInAnyOrderElementsOf(expected);
            RunSummary summary = client.requestAll(
                    absent, name -> absent.contains(name) ? RELOAD : FORCE, result -> {}, (name, error) -> {});
            assertThat(summary.failed()).isZero();
            assertThat(setup.driver.gets).hasValue(0);
            assertThat(setup.driver.heads).hasValue(0);
            assertThat(client.absent(names)).isEmpty();
        }
    }

    @Test
    void absent_pathsAndWhatIsNoName_asGivenOrLeftOut() {
        try (PackumentClient client = setup.client(registry.origin()).build()) {
            assertThat(client.absent(List.of("/left-pad", "@a%2fb", "a/b/c", "", "..")))
                    .containsExactlyInAnyOrder("/left-pad", "@a%2fb");
            assertThat(client.absent(List.of())).isEmpty();
        }
    }

    @Test
    void absent_scopeWithItsOwnRegistry_isLookedForThere(@TempDir Path folder) throws IOException {
        Path npmrc = Files.writeString(folder.resolve("npmrc"), "@own:registry=" + registry.origin() + "/own/\n");
        NpmConfig config = NpmConfig.loader(Map.of("npm_config_userconfig", npmrc.toString()))
                .load();
        try (PackumentClient client =
                setup.client(registry.origin()).npmConfig(config).build()) {
            client.request(names.get(0));

            assertThat(client.absent(List.of(names.get(0), "@own/name", "@other/name")))
                    .containsExactlyInAnyOrder("@own/name", "@other/name");
        }
    }

    @Test
    void absent_abbreviatedWhereTheFullOneIsHeld_isNotAbsent() {
        try (PackumentClient full = setup.client(registry.origin()).build();
                PackumentClient abbreviated = setup.client(registry.origin())
                        .form(PackumentForm.ABBREVIATED)
                        .build()) {
            full.request(names.get(0));
            abbreviated.request(names.get(1));

            assertThat(abbreviated.absent(names.subList(0, 3))).containsExactly(names.get(2));
            assertThat(full.absent(names.subList(0, 3))).containsExactlyInAnyOrder(names.get(1), names.get(2));
        }
    }
}
