package io.alldocs.cli.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cli.ExitCode;
import io.alldocs.cli.Program;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.packument.PackumentClient;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShowCommandTest {
    @TempDir
    Path folder;

    private EmbeddedRegistry registry;
    private String name;

    @BeforeEach
    void startRegistry() {
        registry = EmbeddedRegistry.builder().names(20).start();
        name = registry.names().stream()
                .filter(each -> store("sqlite", "one", registry.origin(), each))
                .findFirst()
                .orElseThrow();
    }

    @AfterEach
    void stopRegistry() {
        registry.close();
    }

    @Test
    void show_name_printsTheSummary() {
        Program.Result result = show("one", name);

        assertThat(result.exitCode()).isZero();
        assertThat(result.out())
                .startsWith(name + System.lineSeparator())
                .contains("dist-tag      latest ", "versions ");
    }

    @Test
    void show_nameAndTag_printsThatVersion() {
        String latest = show("one", name, "--select", "dist-tags.latest").out().strip();

        Program.Result result = show("one", name, "latest");

        assertThat(result.out()).startsWith(name + "@" + latest).contains("tarball", "integrity");
        assertThat(show("one", name, latest).out()).isEqualTo(result.out());
    }

    @Test
    void select_pathThroughAVersion_findsIt_byDotsAndByPointer() {
        String latest = show("one", name, "--select", "/dist-tags/latest").out().strip();

        assertThat(show("one", name, "--select", "versions." + latest + ".dist.tarball")
                        .out())
                .isEqualTo(
                        show("one", name, latest, "--select", "/dist/tarball").out())
                .contains(".tgz");
    }

    @Test
    void show_json_isTheDocument() {
        assertThat(show("one", name, "--json").out()).startsWith("{").contains("\"versions\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"filesystem", "sqlite"})
    void show_nameFromTwoRegistries_requiresAChoice(String driver) {
        try (EmbeddedRegistry other = EmbeddedRegistry.builder().names(20).start()) {
            store(driver, "two", registry.origin(), name);
            store(driver, "two", other.origin(), name);

            Program.Result result = show("two", name);

            assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(result.err()).contains("several registries", "--origin");
            assertThat(show("two", name, "--origin", other.origin().toString()).exitCode())
                    .isZero();
        }
    }

    @Test
    void show_whatIsNotThere_saysSo() {
        assertThat(show("one", "never-heard-of").err()).contains("The cache contains nothing about never-heard-of");
        assertThat(show("one", name, "99.99.99").err()).contains("has no version or tag 99.99.99");
        assertThat(show("one", name, "--select", "no.such").err()).contains("no value at no.such");
        assertThat(List.of(show("one", "never-heard-of"), show("one", name, "99.99.99")))
                .allSatisfy(result -> assertThat(result.exitCode()).isEqualTo(ExitCode.PARTIAL));
    }

    @Test
    void show_whatIsNoName_isWrongUsage() {
        assertThat(show("one", "../etc/passwd").exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(show("absent-folder", name).err()).contains("absent-folder");
    }

    private Program.Result show(String cache, String... words) {
        String[] line = new String[words.length + 3];
        System.arraycopy(words, 0, line, 1, words.length);
        line[0] = "show";
        line[line.length - 2] = "--cache-dir";
        line[line.length - 1] = folder.resolve(cache).toString();
        return Program.run(line);
    }

    /** Fetches a packument into the cache. Returns whether it exists. */
    private boolean store(String driver, String cacheFolder, URI from, String wanted) {
        Env env = Env.of(Map.of(
                "STORAGE_DRIVER",
                driver,
                "CACHE_DIR",
                folder.resolve(cacheFolder).toString()));
        try (Cache cache = Cache.builder().env(env).build();
                PackumentClient client = PackumentClient.builder()
                        .env(Env.of(Map.of()))
                        .cache(cache)
                        .registry(from)
                        .build()) {
            return client.request(wanted).json().has("versions");
        }
    }
}
