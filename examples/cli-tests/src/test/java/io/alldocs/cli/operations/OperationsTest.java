package io.alldocs.cli.operations;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.cache.spi.VerifyOptions;
import io.alldocs.cli.ExitCode;
import io.alldocs.cli.Program;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.NameState;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/**
 * Tests the commands that work with a cache. The caches are filled by bootstraps from the embedded registry, with each
 * driver that stores on the local machine.
 */
class OperationsTest {
    private static final int NAMES = 300;
    private static final ObjectMapper JSON = new ObjectMapper();

    private static EmbeddedRegistry registry;

    /** One filled cache for each driver. Tests do not change these caches. */
    @TempDir
    private static Path filled;

    @TempDir
    private Path folder;

    @BeforeAll
    static void fill() {
        registry = EmbeddedRegistry.builder().names(NAMES).start();
        for (String driver : List.of("filesystem", "sqlite")) {
            Program.Result result = Program.run(
                    "bootstrap",
                    "--quiet",
                    "--origin=" + registry.origin(),
                    "--registry=" + registry.origin(),
                    "--driver=" + driver,
                    "--cache-dir=" + filled.resolve(driver));
            assertThat(result.exitCode()).as(result.err()).isZero();
        }
    }

    @AfterAll
    static void stop() {
        registry.close();
    }

    // ---- list

    @ParameterizedTest
    @ValueSource(strings = {"filesystem", "sqlite"})
    void list_packuments_areTheNamesOfTheRegistry(String driver) {
        List<String> lines = lines(run(driver, "list", "--kind", "packument"));

        assertThat(lines.stream().map(line -> line.split("\t", -1)[2]))
                .containsExactlyInAnyOrderElementsOf(registry.names());
        assertThat(lines).allMatch(line -> line.split("\t", -1).length == 6);
    }

    @ParameterizedTest
    @ValueSource(strings = {"filesystem", "sqlite"})
    void list_withoutOptions_printsOnlyPackages_andKindPrintsTheRest(String driver) {
        List<String> packages = lines(run(driver, "list"));
        List<String> others = lines(run(driver, "list", "--kind", "partition,other"));

        assertThat(packages).hasSize(NAMES).allMatch(line -> line.startsWith("packument\t"));
        assertThat(others)
                .noneMatch(line -> line.startsWith("packument\t"))
                .anyMatch(line -> line.startsWith("partition\t"))
                .anyMatch(line -> line.startsWith("other\t"));
    }

    @Test
    void list_cacheWithoutPackages_saysHowToListTheRest() {
        String cache = "--cache-dir=" + folder.resolve("names-only");
        assertThat(Program.run("bootstrap", "--embedded=3", "--port=0", "--names-only", cache)
                        .exitCode())
                .isZero();

        Program.Result list = Program.run("list", cache);

        assertThat(list.exitCode()).isZero();
        assertThat(list.out()).isEmpty();
        assertThat(list.err()).contains("The cache has no packages. all-docs list --kind partition,other");
    }

    @Test
    void list_json_isAnObjectALine() throws IOException {
        for (String line : lines(run("sqlite", "list", "--kind=packument,partition,other", "--json"))) {
            JsonNode entry = JSON.readTree(line);
            assertThat(entry.path("key").asText()).startsWith("v1:");
            assertThat(entry.path("kind").asText()).isIn("partition", "packument", "other");
            assertThat(entry.path("integrity").asText()).startsWith("sha");
        }
    }

    @Test
    void list_choices_narrowIt() {
        String prefix = registry.names().get(10).substring(0, 2);
        String one = registry.names().get(20);

        assertThat(lines(run("sqlite", "list", "--keys", "--kind", "packument", "--prefix", prefix)))
                .hasSize((int) registry.names().stream()
                        .filter(name -> name.startsWith(prefix))
                        .count());
        assertThat(lines(run("sqlite", "list", "--keys", "--package", one)))
                .containsExactly(CacheKey.packument(registry.origin(), one).toString());
        assertThat(lines(run("sqlite", "list", "--keys", "--kind", "packument", "--origin", "npm")))
                .isEmpty();
        assertThat(lines(run("sqlite", "list", "--keys", "--kind", "packument", "--origin", registry.origin() + "/")))
                .hasSize(NAMES);
        assertThat(lines(run("sqlite", "list", "--limit", "7"))).hasSize(7);
    }

    // ---- stats

    @ParameterizedTest
    @ValueSource(strings = {"filesystem", "sqlite"})
    void stats_json_countsWhatIsThere(String driver) throws IOException {
        JsonNode stats = JSON.readTree(run(driver, "stats", "--json").out());

        JsonNode packuments = group(stats, "packument");
        assertThat(packuments.path("entries").asInt()).isEqualTo(NAMES);
        assertThat(packuments.at("/outcomes/ok").asLong()).isEqualTo(count(NameState.PRESENT));
        assertThat(packuments.at("/outcomes/not_found").asLong()).isEqualTo(count(NameState.NOT_FOUND));
        assertThat(packuments.path("bytes").asLong())
                .isEqualTo(entries(driver).entrySet().stream()
                        .filter(each -> each.getKey().startsWith("v1:packument:"))
                        .mapToLong(each -> each.getValue().length())
                        .sum());
        assertThat(group(stats, "partition").path("entries").asInt()).isPositive();
        assertThat(stats.path("damaged").asInt()).isZero();
    }

    @Test
    void stats_table_namesKindsAndTheLargest() {
        Program.Result result = run("sqlite", "stats");

        assertThat(result.out()).contains("packument", "partition", "other", "ok ", "Largest packument of ");
    }

    // ---- export

    @ParameterizedTest
    @CsvSource({"filesystem,a.jsonl", "sqlite,a.jsonl.gz"})
    void export_packuments_areTheDocumentsOfTheRegistry(String driver, String name) throws IOException {
        Path file = folder.resolve(name);

        assertThat(run(driver, "export", file.toString(), "--kind", "packument").exitCode())
                .isZero();

        Map<String, JsonNode> exported = new HashMap<>();
        for (String line : text(file).lines().toList()) {
            JsonNode entry = JSON.readTree(line);
            exported.put(entry.path("name").asText(), entry.path("document"));
        }
        assertThat(exported).hasSize(NAMES);
        for (String each : registry.names()) {
            if (registry.state(each).orElseThrow() == NameState.PRESENT) {
                assertThat(exported.get(each))
                        .isEqualTo(
                                JSON.readTree(registry.packument(each, io.alldocs.examples.registry.PackumentForm.FULL)
                                        .orElseThrow()));
            } else if (registry.state(each).orElseThrow() == NameState.NOT_FOUND) {
                assertThat(exported.get(each).isNull()).isTrue();
            }
        }
        assertThat(folder.toFile().list()).containsExactly(name);
    }

    @Test
    void export_damagedEntries_areLeftOutAndSaid() throws IOException {
        Path cache = copyOf("sqlite");
        String key = damage(cache, "sqlite", 1).get(0);
        Path file = folder.resolve("a.jsonl");

        Program.Result result = Program.run("export", file.toString(), "--cache-dir=" + cache, "--kind=packument");

        assertThat(result.exitCode()).isEqualTo(ExitCode.PARTIAL);
        assertThat(result.err()).contains("Damaged entries, left out: 1");
        assertThat(text(file)).doesNotContain(key);
        assertThat(text(file).lines()).hasSize(NAMES - 1);
    }

    @Test
    void export_toAStandardOutputThatIsFull_endsAtOnceWithAnError() {
        AtomicInteger writes = new AtomicInteger();
        OutputStream full = new OutputStream() {
            @Override
            public void write(int octet) throws IOException {
                writes.incrementAndGet();
                throw new IOException("No space left on device");
            }
        };
        StringWriter err = new StringWriter();

        int exitCode = new CommandLine(new ExportCommand(Map.of(), full))
                .setErr(new PrintWriter(err, true))
                .execute("-", "--quiet", "--driver=sqlite", "--cache-dir=" + filled.resolve("sqlite"));

        assertThat(exitCode).isEqualTo(ExitCode.PARTIAL);
        assertThat(err.toString()).contains("Cannot write to standard output", "No space left on device");
        assertThat(writes).hasValue(1);
    }

    @Test
    void export_file_mayBeReadByWhoeverTheMaskLets() throws IOException {
        Path file = folder.resolve("a.jsonl");

        assertThat(run("sqlite", "export", file.toString(), "--heads-only").exitCode())
                .isZero();

        assertThat(Files.getPosixFilePermissions(file))
                .isEqualTo(Files.getPosixFilePermissions(Files.createFile(folder.resolve("plain"))));
    }

    // ---- verify

    @ParameterizedTest
    @ValueSource(strings = {"filesystem", "sqlite"})
    void verify_wholeCache_isClean(String driver) throws IOException {
        Program.Result result = run(driver, "verify", "--json");

        assertThat(result.exitCode()).isZero();
        JsonNode report = JSON.readTree(result.out());
        assertThat(report.path("totalEntries").asInt())
                .isEqualTo(entries(driver).size());
        assertThat(report.path("badContentCount").asInt()).isZero();
    }

    @Test
    void verify_damagedEntries_areNamedThenFetchedAgain() throws IOException {
        String driver = "sqlite";
        Path cache = copyOf(driver);
        List<String> keys = damage(cache, driver, 5);
        String[] where = {"--driver=" + driver, "--cache-dir=" + cache};

        Program.Result found = Program.run(with(where, "verify"));
        assertThat(found.exitCode()).isEqualTo(ExitCode.PARTIAL);
        keys.forEach(key -> assertThat(found.out()).contains(key));
        assertThat(Program.run(with(where, "verify")).exitCode())
                .as("the dry run changed nothing")
                .isEqualTo(ExitCode.PARTIAL);

        Program.Result repaired = Program.run(with(where, "verify", "--repair"));
        assertThat(repaired.exitCode()).as(repaired.out() + repaired.err()).isZero();
        assertThat(repaired.out()).contains("5 damaged, 5 of them fetched again");
        Map<String, String> before = entries(filled.resolve(driver), driver);
        Map<String, String> after = entries(cache, driver);
        keys.forEach(key -> assertThat(after.get(key)).as(key).isEqualTo(before.get(key)));
        assertThat(Program.run(with(where, "verify")).exitCode()).isZero();
    }

    @Test
    void verifyRepair_whatNoOriginHas_isRemovedAndSaid() throws IOException {
        Path cache = copyOf("sqlite");
        try (Cache held = open(cache, "sqlite")) {
            held.set("mine", List.of(1, 2, 3));
        }
        damage(cache, "sqlite", List.of("mine"));

        Program.Result result = Program.run("verify", "--repair", "--younger-than=0s", "--cache-dir=" + cache);

        assertThat(result.exitCode()).isEqualTo(ExitCode.PARTIAL);
        assertThat(result.out()).contains("Not fetched again: mine: it does not come from an origin");
        assertThat(entries(cache, "sqlite")).doesNotContainKey("mine");
    }

    // ---- clear

    @ParameterizedTest
    @ValueSource(strings = {"filesystem", "sqlite"})
    void clear_packuments_deletesOnlyWithYes(String driver) throws IOException {
        Path cache = copyOf(driver);
        String[] where = {"--driver=" + driver, "--cache-dir=" + cache};
        int before = entries(cache, driver).size();

        Program.Result told = Program.run(with(where, "clear", "--kind=packument"));
        assertThat(told.out()).contains("Would delete " + NAMES + " entries");
        assertThat(entries(cache, driver)).hasSize(before);

        Program.Result done = Program.run(with(where, "clear", "--kind=packument", "--yes"));
        assertThat(done.out()).contains("Deleted " + NAMES + " entries");
        assertThat(entries(cache, driver).keySet())
                .hasSize(before - NAMES)
                .noneMatch(key -> key.startsWith("v1:packument:"));
    }

    @Test
    void clear_olderThan_sparesWhatIsYoung() throws IOException {
        Path cache = copyOf("sqlite");

        assertThat(Program.run("clear", "--older-than=1h", "--yes", "--cache-dir=" + cache)
                        .out())
                .contains("Deleted 0 entries");
        assertThat(Program.run("clear", "--older-than=0s", "--kind=partition", "--yes", "--cache-dir=" + cache)
                        .out())
                .doesNotContain("Deleted 0 entries");
        assertThat(entries(cache, "sqlite").keySet()).noneMatch(key -> key.startsWith("v1:partition:"));
    }

    // ---- diff and copy

    @Test
    void copy_fromDriverToDriverAndBack_isEqual() throws IOException {
        Path one = folder.resolve("one");
        Path back = folder.resolve("back");

        copy("filesystem", filled.resolve("filesystem"), "sqlite:" + one);
        copy("sqlite", one, "filesystem:" + back);

        assertThat(entries(back, "filesystem")).isEqualTo(entries("filesystem"));
        assertThat(run("filesystem", "diff", "sqlite:" + one).exitCode()).isZero();
        Program.Result diff = run("filesystem", "diff", back.toString());
        assertThat(diff.exitCode()).as(diff.out()).isZero();
        assertThat(diff.out()).contains("The caches are equal.");
    }

    private static void copy(String driver, Path from, String to) {
        Program.Result result = Program.run("copy", to, "--quiet", "--driver=" + driver, "--cache-dir=" + from);
        assertThat(result.exitCode()).as(result.out() + result.err()).isZero();
    }

    @Test
    void copy_again_copiesWhatIsNew() throws IOException {
        Path target = folder.resolve("copy");
        Program.Result first = run("sqlite", "copy", target.toString(), "--kind=packument", "--json");
        assertThat(JSON.readTree(first.out()).path("copied").asInt()).isEqualTo(NAMES);

        JsonNode second =
                JSON.readTree(run("sqlite", "copy", target.toString(), "--json").out());

        assertThat(second.path("alreadyThere").asInt()).isEqualTo(NAMES);
        assertThat(second.path("copied").asInt()).isEqualTo(entries("sqlite").size() - NAMES);
        assertThat(second.path("leftOut").asInt()).isZero();
    }

    @Test
    void copy_damagedEntries_areNamedAndLeftOut() throws IOException {
        Path cache = copyOf("sqlite");
        List<String> keys = damage(cache, "sqlite", 3);

        Program.Result result = Program.run("copy", folder.resolve("target").toString(), "--cache-dir=" + cache);

        assertThat(result.exitCode()).isEqualTo(ExitCode.PARTIAL);
        keys.forEach(key -> assertThat(result.out()).contains("Left out: " + key));
        try (Cache target = open(folder.resolve("target"), "sqlite")) {
            assertThat(target.verify(VerifyOptions.dryRun()).clean()).isTrue();
            keys.forEach(key -> assertThat(target.has(key)).isFalse());
        }
    }

    @Test
    void diff_changedCaches_printsEachDifference() throws IOException {
        Path cache = copyOf("sqlite");
        String gone =
                CacheKey.packument(registry.origin(), registry.names().get(0)).toString();
        String added = CacheKey.packument(registry.origin(), "added").toString();
        String changed =
                CacheKey.packument(registry.origin(), registry.names().get(1)).toString();
        try (Cache held = open(cache, "sqlite")) {
            held.delete(gone);
            StoredEntry entry = held.driver().get(changed).orElseThrow();
            held.driver().put(added, entry.head(), entry.body());
            held.driver().put(changed, entry.head().toBuilder().rev("9-changed").build(), entry.body());
        }

        String from = " from " + registry.origin();
        Program.Result text = run("sqlite", "diff", cache.toString());
        assertThat(text.exitCode()).isEqualTo(ExitCode.PARTIAL);
        assertThat(lines(text))
                .containsExactlyInAnyOrder(
                        "< packument " + registry.names().get(0) + from,
                        "> packument added" + from,
                        "! packument " + registry.names().get(1) + from,
                        "1 only here, 1 only there, 1 differ.");
        List<JsonNode> json = new ArrayList<>();
        for (String line : lines(run("sqlite", "diff", cache.toString(), "--json"))) {
            json.add(JSON.readTree(line));
        }
        assertThat(json)
                .hasSize(3)
                .anySatisfy(each -> assertThat(each.at("/second/rev").asText()).isEqualTo("9-changed"));
    }

    // ---- rejected command lines

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "list --kind=tarball | --kind must be one of",
                "list --package=a/b/c | Not a package name",
                "list --limit=-1 | --limit",
                "list --origin=https://user:secret@host | must not contain a user or password",
                "clear | Select the entries with",
                "clear --all --kind=packument | cannot be used together",
                "clear --older-than=soon | an age must be a number",
                "verify --kind=packument | whole cache",
                "export no/such/folder/file.jsonl | folder that does not exist",
                "export packuments.parquet | ends in .jsonl",
                "export packuments | ends in .jsonl",
                "copy x --concurrency=0 | --concurrency",
                "diff no-such-folder | There is no cache in no-such-folder",
            })
    void commands_badInput_isRefusedInWords(String line, String words) {
        List<String> args = new ArrayList<>(List.of(line.split(" ", -1)));
        args.add("--cache-dir=" + filled.resolve("sqlite"));

        Program.Result result = Program.run(args.toArray(String[]::new));

        assertThat(result.exitCode()).as(result.out() + result.err()).isEqualTo(ExitCode.USAGE);
        assertThat(result.err()).contains("Error: ").contains(words).doesNotContain("\tat ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"list", "stats", "verify", "clear --all", "copy x", "diff x", "export x.jsonl"})
    void commands_noSuchFolder_makeNone(String line) {
        Path missing = folder.resolve("missing");
        List<String> args = new ArrayList<>(List.of(line.split(" ", -1)));
        args.add("--cache-dir=" + missing);

        Program.Result result = Program.run(args.toArray(String[]::new));

        assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(result.err()).contains("There is no cache in");
        assertThat(missing).doesNotExist();
    }

    // ---- helpers

    private static Program.Result run(String driver, String... command) {
        return Program.run(
                with(new String[] {"--quiet", "--driver=" + driver, "--cache-dir=" + filled.resolve(driver)}, command));
    }

    private static String[] with(String[] where, String... command) {
        String[] all = Arrays.copyOf(command, command.length + where.length);
        System.arraycopy(where, 0, all, command.length, where.length);
        return all;
    }

    private static List<String> lines(Program.Result result) {
        return result.out().lines().toList();
    }

    private static JsonNode group(JsonNode stats, String kind) {
        for (JsonNode group : stats.path("groups")) {
            if (group.path("kind").asText().equals(kind)) {
                return group;
            }
        }
        throw new AssertionError("no group " + kind + " in " + stats);
    }

    private static long count(NameState state) {
        return registry.names().stream()
                .filter(name -> registry.state(name).orElseThrow() == state)
                .count();
    }

    private static String text(Path file) throws IOException {
        try (var in = file.toString().endsWith(".gz")
                ? new GZIPInputStream(Files.newInputStream(file))
                : Files.newInputStream(file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static Cache open(Path folder, String driver) {
        return Cache.builder()
                .env(Env.of(Map.of("STORAGE_DRIVER", driver, "CACHE_DIR", folder.toString())))
                .build();
    }

    private static Map<String, String> entries(String driver) throws IOException {
        return entries(filled.resolve(driver), driver);
    }

    /** Returns the bytes of every entry, as characters. */
    private static Map<String, String> entries(Path folder, String driver) throws IOException {
        Map<String, String> entries = new TreeMap<>();
        try (Cache cache = open(folder, driver);
                Stream<String> keys = cache.keys("")) {
            for (String key : keys.toList()) {
                try (Body body = cache.driver().get(key).orElseThrow().body()) {
                    entries.put(key, new String(body.toByteArray(), StandardCharsets.ISO_8859_1));
                }
            }
        }
        return entries;
    }

    /** Copies a filled cache, file by file, for a test that changes it. */
    private Path copyOf(String driver) throws IOException {
        Path source = filled.resolve(driver);
        Path copy = folder.resolve("changed");
        try (Stream<Path> files = Files.walk(source)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(source.relativize(file).toString()));
            }
        }
        return copy;
    }

    /** Changes a byte in the bodies of {@code count} packuments and keeps their metadata. Returns the keys. */
    private static List<String> damage(Path folder, String driver, int count) throws IOException {
        List<String> keys = registry.names().stream()
                .filter(name -> registry.state(name).orElseThrow() == NameState.PRESENT)
                .limit(count)
                .map(name -> CacheKey.packument(registry.origin(), name).toString())
                .toList();
        damage(folder, driver, keys);
        return keys;
    }

    private static void damage(Path folder, String driver, List<String> keys) throws IOException {
        try (Cache cache = open(folder, driver)) {
            for (String key : keys) {
                StoredEntry entry = cache.driver().get(key).orElseThrow();
                byte[] bytes = entry.body().toByteArray().clone();
                bytes[bytes.length / 2] ^= 1;
                cache.driver().put(key, entry.head(), Body.of(bytes));
            }
        }
    }
}
