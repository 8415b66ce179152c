package io.alldocs.cli.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cli.ExitCode;
import io.alldocs.cli.Program;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.ExactServer;
import io.alldocs.examples.registry.ExactServer.Exact;
import io.alldocs.packument.DocumentJson;
import io.alldocs.storage.filesystem.FilesystemStorageDriver;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs bootstraps against responses from public bug reports. The responses are copied byte for byte. */
@Timeout(300)
class OddAnswersTest {
    private static final String CASES = "/io/alldocs/cli/cases/";
    private static final ObjectMapper JSON =
            new ObjectMapper(DocumentJson.factory()).enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final List<String> FIVE = List.of("alpha", "beta", "delta", "eps", "gamma");

    @TempDir
    private Path folder;

    /** Responses that replace the registry's response for a path. */
    private final Map<String, Exact> answers = new ConcurrentHashMap<>();

    private EmbeddedRegistry registry;
    private ExactServer server;

    @BeforeEach
    void start() throws IOException {
        registry = EmbeddedRegistry.builder().names(FIVE.toArray(String[]::new)).start();
        server = ExactServer.start(path -> Optional.ofNullable(answers.get(path)), registry.origin());
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
        registry.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "200-page.http",
                "400-page.http",
                "403-page.http",
                "404-page.http",
                "302-login.http",
                "200-empty.http"
            })
    void bootstrap_answersThatAreNotTheRegistrys_areUnfinishedUntilItAnswers(String file) throws Exception {
        byte[] login = bytes("09-not-the-registry/200-login.http");
        try (ExactServer portal = ExactServer.start(path -> Optional.of(new Exact(login, false)), null)) {
            String answer = text("09-not-the-registry/" + file)
                    .replace("@PORTAL@", portal.origin().getRawAuthority());
            FIVE.forEach(
                    name -> answers.put("/" + name, new Exact(answer.getBytes(StandardCharsets.ISO_8859_1), false)));
            for (List<String> source : List.of(fromOrigin(), fromFile(FIVE))) {
                Program.Result odd = bootstrap(source);

                assertThat(odd.exitCode()).as(odd.out() + odd.err()).isEqualTo(ExitCode.PARTIAL);
                assertThat(odd.out())
                        .contains("5 names were answered by a server that is not the registry (first: ")
                        .doesNotContain("Everything requested is stored");
                assertThat(outcomes()).isEmpty();
            }
        }
        answers.clear();

        Program.Result sound = bootstrap(fromOrigin());

        assertThat(sound.exitCode()).as(sound.out() + sound.err()).isEqualTo(ExitCode.COMPLETE);
        assertThat(outcomes()).hasSize(5).containsValue("ok").hasSize(5);
        assertThat(bootstrap(fromFile(FIVE)).exitCode()).isEqualTo(ExitCode.COMPLETE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"status\":\"login required\"}", "[]", "{\"name\":\"other\",\"versions\":{}}"})
    void bootstrap_jsonThatIsNoPackument_isRequestedAgainByTheNextRun(String json) throws Exception {
        byte[] answer = ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nETag: \"1\"\r\nContent-Length: "
                        + json.length() + "\r\n\r\n" + json)
                .getBytes(StandardCharsets.US_ASCII);
        for (List<String> source : List.of(fromOrigin(), with(fromFile(FIVE), "--abbreviated"))) {
            FIVE.forEach(name -> answers.put("/" + name, new Exact(answer, false)));
            Program.Result odd = bootstrap(source);
            Program.Result still = bootstrap(source);
            answers.clear();
            Program.Result sound = bootstrap(source);

            assertThat(odd.exitCode()).as(odd.out() + odd.err()).isEqualTo(ExitCode.PARTIAL);
            assertThat(odd.out()).contains("5 malformed");
            assertThat(still.exitCode()).as(still.out() + still.err()).isEqualTo(ExitCode.PARTIAL);
            assertThat(sound.exitCode()).as(sound.out() + sound.err()).isEqualTo(ExitCode.COMPLETE);
            assertThat(sound.out()).contains("5 ok");
        }
    }

    @Test
    void bootstrap_unknownName_isNotFoundInTheWaysOfBothKindsOfRegistries() throws Exception {
        answers.put("/unknown", new Exact(bytes("09-not-the-registry/404-registry.http"), false));
        assertThat(bootstrap(fromFile(List.of("alpha", "unknown"))).exitCode()).isEqualTo(ExitCode.COMPLETE);
        assertThat(outcomes()).containsEntry("unknown", "not_found").containsEntry("alpha", "ok");

        byte[] page = bytes("09-not-the-registry/404-page.http");
        try (ExactServer files = ExactServer.start(
                path -> FIVE.contains(path.substring(1)) ? Optional.empty() : Optional.of(new Exact(page, false)),
                registry.origin())) {
            Path names = Files.write(folder.resolve("static.txt"), List.of("alpha", "no-such", "nor-this"));
            Program.Result result = Program.run(
                    "bootstrap",
                    "--names",
                    names.toString(),
                    "--registry",
                    files.origin().toString(),
                    "--driver",
                    "filesystem",
                    "--cache-dir",
                    folder.resolve("cache").toString());
            assertThat(result.exitCode()).as(result.out() + result.err()).isEqualTo(ExitCode.COMPLETE);
            assertThat(outcomes(files.origin()))
                    .containsEntry("alpha", "ok")
                    .containsEntry("no-such", "not_found")
                    .containsEntry("nor-this", "not_found");
        }
    }

    @Test
    void bootstrap_outcomesThatAnEarlierVersionStored_areRequestedOnce() throws Exception {
        bootstrap(fromOrigin());
        try (FilesystemStorageDriver driver =
                FilesystemStorageDriver.builder(folder.resolve("cache")).build()) {
            for (String name : List.of("alpha", "beta")) {
                EntryMetadata old = EntryMetadata.builder()
                        .status(403)
                        .form("full")
                        .outcome("blocked")
                        .storedAt(Instant.now())
                        .lifetime(Duration.ofDays(1))
                        .build();
                driver.put(CacheKey.packument(server.origin(), name).toString(), old, Body.of(new byte[0]));
            }
        }
        int before = server.asked().size();

        Program.Result again = bootstrap(fromOrigin());
        bootstrap(fromOrigin());

        assertThat(again.exitCode()).as(again.out() + again.err()).isEqualTo(ExitCode.COMPLETE);
        assertThat(outcomes()).containsEntry("alpha", "ok").containsEntry("beta", "ok");
        assertThat(server.asked().stream()
                        .skip(before)
                        .filter(path -> path.length() < 8 && FIVE.contains(path.substring(1))))
                .containsExactlyInAnyOrder("/alpha", "/beta");
    }

    @Test
    void bootstrap_contentCodings_areDecodedOrUnfinishedOrMalformedText() throws Exception {
        Map<String, String> expected = new LinkedHashMap<>();
        for (String[] row : table("14-content-coding/expected.tsv")) {
            String name = name(row[0]);
            answers.put("/" + name, new Exact(bytes("14-content-coding/" + row[0]), row[1].equals("closed")));
            expected.put(name, row[3]);
        }

        Program.Result result = bootstrap(fromFile(List.copyOf(expected.keySet())));

        assertThat(result.exitCode()).as(result.out() + result.err()).isEqualTo(ExitCode.PARTIAL);
        Map<String, String> outcomes = outcomes();
        List<String> decoded = List.of(
                "gzip-unlabelled",
                "gzip-upper-case",
                "x-gzip",
                "gzip-identity",
                "deflate",
                "gzip-two-members",
                "gzip-zeros-behind");
        expected.forEach((name, right) -> {
            String found = outcomes.getOrDefault(name, "unfinished");
            assertThat(right.toLowerCase(java.util.Locale.ROOT))
                    .as(name + " is " + found)
                    .contains(found);
            assertThat(found.equals("ok")).as(name + " is " + found).isEqualTo(decoded.contains(name));
        });
        assertThat(result.out()).contains("Content-Encoding \"br\", which was not requested");
        for (String name : decoded) {
            assertThat(document(name).path("versions")).as(name).hasSize(2);
        }
    }

    @Test
    void bootstrap_oddContentLengths_neverMakeANameUnaskable() throws Exception {
        Map<String, String> expected = new LinkedHashMap<>();
        for (String[] row : table("15-content-length/expected.tsv")) {
            String name = name(row[0]);
            answers.put("/" + name, new Exact(bytes("15-content-length/" + row[0]), true));
            expected.put(name, row[3]);
        }

        Program.Result result = bootstrap(fromFile(List.copyOf(expected.keySet())));

        assertThat(result.exitCode()).as(result.out() + result.err()).isEqualTo(ExitCode.PARTIAL);
        assertThat(result.out()).doesNotContain("unaskable", "Everything requested");
        Map<String, String> outcomes = outcomes();
        expected.forEach((name, right) -> assertThat(right.toLowerCase(java.util.Locale.ROOT))
                .as(name)
                .contains(outcomes.getOrDefault(name, "unfinished")));
        assertThat(outcomes).containsEntry("good", "ok");
    }

    @ParameterizedTest
    @ValueSource(strings = {"829, 829", "abc", "", "99999999999999999999"})
    void bootstrap_originWithAnOddContentLength_isRefusedWithRequestAndHeader(String length) throws Exception {
        byte[] answer = ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + length
                        + "\r\nConnection: close\r\n\r\n{\"db_name\":\"registry\",\"doc_count\":5,\"update_seq\":5}")
                .getBytes(StandardCharsets.US_ASCII);
        answers.put("/", new Exact(answer, true));

        Program.Result result = bootstrap(fromOrigin());

        assertThat(result.exitCode()).as(result.out() + result.err()).isEqualTo(ExitCode.REFUSED);
        assertThat(result.out() + result.err())
                .contains("GET " + server.origin() + "/", ("Content-Length: " + length).strip());
    }

    @Test
    void bootstrap_oddPackuments_haveTheOutcomesThatNpmWouldMakeOfThem() throws Exception {
        Map<String, String> expected = new LinkedHashMap<>();
        for (String[] row : table("16-odd-packuments/expected.tsv")) {
            byte[] body = bytes("16-odd-packuments/documents/" + row[0]);
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            answer.writeBytes(
                    ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + body.length + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            answer.writeBytes(body);
            answers.put("/" + name(row[0]), new Exact(answer.toByteArray(), false));
            expected.put(name(row[0]), row[2].toLowerCase(java.util.Locale.ROOT));
        }
        assertThat(expected).hasSize(40);

        Program.Result result = bootstrap(fromFile(List.copyOf(expected.keySet())));

        assertThat(result.exitCode()).as(result.out() + result.err()).isEqualTo(ExitCode.PARTIAL);
        assertThat(result.out()).contains("malformed").doesNotContain("Everything requested");
        assertThat(outcomes()).containsExactlyInAnyOrderEntriesOf(expected);
        Path lines = folder.resolve("export.jsonl");
        Program.Result export = Program.run(
                "export",
                lines.toString(),
                "--driver=filesystem",
                "--kind=packument",
                "--cache-dir=" + folder.resolve("cache"));
        assertThat(export.exitCode()).as(export.err()).isEqualTo(ExitCode.COMPLETE);
        assertThat(export.err()).contains("12 entries have a document that is malformed or not JSON");
        int documents = 0;
        for (String line : Files.readAllLines(lines)) {
            JsonNode entry = strictly(line);
            boolean malformed = expected.get(entry.path("name").asText()).equals("malformed");
            assertThat(entry.path("document").isNull()).as(line).isEqualTo(malformed);
            documents++;
        }
        assertThat(documents).isEqualTo(40);
        Program.Result verify = Program.run("verify", "--driver=filesystem", "--cache-dir=" + folder.resolve("cache"));
        assertThat(verify.exitCode()).as(verify.out()).isEqualTo(ExitCode.COMPLETE);
    }

    @Test
    void export_documentThatAnEarlierVersionStoredAndIsNotJson_isNullAndSaid() throws Exception {
        bootstrap(fromOrigin());
        byte[] cut =
                "{\"_id\":\"alpha\",\"name\":\"alpha\",\"versions\":{\"1.0.0\":{}}".getBytes(StandardCharsets.UTF_8);
        try (FilesystemStorageDriver driver =
                FilesystemStorageDriver.builder(folder.resolve("cache")).build()) {
            EntryMetadata old = EntryMetadata.builder()
                    .status(200)
                    .form("full")
                    .outcome("ok")
                    .body(null, cut.length, null)
                    .storedAt(Instant.now())
                    .build();
            driver.put(CacheKey.packument(server.origin(), "alpha").toString(), old, Body.of(cut));
        }
        Path lines = folder.resolve("export.jsonl");

        Program.Result export = Program.run(
                "export",
                lines.toString(),
                "--driver=filesystem",
                "--kind=packument",
                "--cache-dir=" + folder.resolve("cache"));

        assertThat(export.err())
                .contains("1 entry has a document that is malformed or not JSON")
                .contains("first: alpha");
        for (String line : Files.readAllLines(lines)) {
            JsonNode entry = strictly(line);
            assertThat(entry.path("document").isNull())
                    .isEqualTo(entry.path("name").asText().equals("alpha"));
        }
    }

    @Test
    void bootstrap_cutBodies_areUnfinishedUntilTheyAreWhole() throws Exception {
        List<String> cut = List.of("cut", "http10", "cut-then-gzip");
        cut.forEach(name -> answers.put("/" + name, new Exact(bytes("17-cut-body/" + name + ".http"), true)));
        answers.put("/latin", new Exact(bytes("17-cut-body/latin.http"), true));
        List<String> names = fromFile(List.of("cut", "http10", "cut-then-gzip", "latin"));

        Program.Result first = bootstrap(names);

        assertThat(first.exitCode()).as(first.out() + first.err()).isEqualTo(ExitCode.PARTIAL);
        assertThat(outcomes())
                .containsEntry("latin", "ok")
                .containsEntry("cut-then-gzip", "malformed")
                .doesNotContainKeys("cut", "http10");
        assertThat(server.asked()).filteredOn("/cut"::equals).hasSizeGreaterThan(1);

        cut.forEach(name -> answers.put("/" + name, new Exact(bytes("17-cut-body/" + name + "-whole.http"), true)));
        Program.Result again = bootstrap(names);
        assertThat(outcomes()).containsEntry("cut", "ok").containsEntry("http10", "ok");
        assertThat(document("cut").path("versions")).hasSize(2);
        if (again.exitCode() != ExitCode.COMPLETE) {
            again = bootstrap(with(names, "--force"));
        }
        assertThat(again.exitCode()).as(again.out() + again.err()).isEqualTo(ExitCode.COMPLETE);
        assertThat(outcomes()).hasSize(4).containsValues("ok").doesNotContainValue("malformed");
    }

    @Test
    void bootstrap_pageOfNamesThatIsCut_neverEndsAsCompleteWithFewerNames() throws Exception {
        String page =
                "{\"total_rows\":5,\"offset\":0,\"rows\":[{\"id\":\"alpha\",\"key\":\"alpha\",\"value\":{\"rev\":\"1-a\"}}]";
        byte[] answer = ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n" + page)
                .getBytes(StandardCharsets.US_ASCII);
        try (ExactServer cutting = ExactServer.start(
                path -> path.startsWith("/_all_docs") ? Optional.of(new Exact(answer, true)) : Optional.empty(),
                registry.origin())) {
            Program.Result result = Program.run(
                    "bootstrap",
                    "--origin",
                    cutting.origin().toString(),
                    "--registry",
                    cutting.origin().toString(),
                    "--driver",
                    "filesystem",
                    "--cache-dir",
                    folder.resolve("cache").toString());
            assertThat(result.exitCode()).as(result.out() + result.err()).isIn(ExitCode.PARTIAL, ExitCode.REFUSED);
        }
    }

    private Program.Result bootstrap(List<String> source) {
        return Program.run(with(
                        source,
                        "--registry",
                        server.origin().toString(),
                        "--driver",
                        "filesystem",
                        "--cache-dir",
                        folder.resolve("cache").toString())
                .toArray(String[]::new));
    }

    private List<String> fromOrigin() {
        return List.of("bootstrap", "--origin", server.origin().toString());
    }

    private List<String> fromFile(List<String> names) throws IOException {
        return List.of(
                "bootstrap",
                "--names",
                Files.write(folder.resolve("names.txt"), names).toString());
    }

    private static List<String> with(List<String> line, String... more) {
        List<String> all = new java.util.ArrayList<>(line);
        all.addAll(Arrays.asList(more));
        return all;
    }

    private Map<String, String> outcomes() {
        return outcomes(server.origin());
    }

    /** Returns the stored outcome of each name. */
    private Map<String, String> outcomes(URI origin) {
        Map<String, String> outcomes = new LinkedHashMap<>();
        try (FilesystemStorageDriver driver =
                        FilesystemStorageDriver.builder(folder.resolve("cache")).build();
                Cache cache = Cache.builder().driver(driver).build();
                var keys = cache.keys(CacheKey.prefix(CacheKey.Kind.PACKUMENT, origin))) {
            keys.map(CacheKey::parse)
                    .forEach(key -> cache.head(key)
                            .ifPresent(head -> outcomes.put(key.packageName().orElseThrow(), head.outcome())));
        }
        return outcomes;
    }

    private JsonNode document(String name) {
        try (FilesystemStorageDriver driver =
                        FilesystemStorageDriver.builder(folder.resolve("cache")).build();
                Cache cache = Cache.builder().driver(driver).build()) {
            return cache.entry(CacheKey.packument(server.origin(), name))
                    .orElseThrow()
                    .as(JsonNode.class);
        }
    }

    /** Parses a line without Jackson's limits, because JSON itself has no limits. */
    private static JsonNode strictly(String line) throws IOException {
        return JSON.readTree(line);
    }

    private static String name(String file) {
        return file.substring(0, file.indexOf('.'));
    }

    private static List<String[]> table(String file) throws IOException {
        return text(file).lines().skip(1).map(line -> line.split("\t", -1)).toList();
    }

    private static String text(String file) {
        return new String(bytes(file), StandardCharsets.ISO_8859_1);
    }

    private static byte[] bytes(String file) {
        try (InputStream in = Objects.requireNonNull(OddAnswersTest.class.getResourceAsStream(CASES + file), file)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
