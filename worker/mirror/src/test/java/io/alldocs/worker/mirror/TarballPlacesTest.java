package io.alldocs.worker.mirror;

import static io.alldocs.worker.mirror.Bench.INSTALLER;
import static io.alldocs.worker.mirror.Bench.header;
import static io.alldocs.worker.mirror.Bench.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.HostLimiters;
import io.alldocs.http.RetryPolicy;
import io.alldocs.packument.PackageName;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests that the packument determines the address of a tarball, whatever the registry's layout and the package's name.
 */
@Timeout(120)
class TarballPlacesTest {
    private static final String BASE = "http://mirror.example/npm";

    private final URI registry = URI.create("https://registry.example");
    private final Bench plain = new Bench(registry, new MemoryStorageDriver(), builder -> builder);
    private final Bench rewriting =
            new Bench(registry, new MemoryStorageDriver(), builder -> builder.rewriteTarballs(URI.create(BASE + "/")));

    @AfterEach
    void close() {
        plain.close();
        rewriting.close();
    }

    /** A package and the address of its tarball. */
    record Layout(String name, String tarball) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Layout> layouts() throws IOException {
        return lines("layouts.tsv")
                .map(cells -> new Layout(
                        cells[0],
                        cells[1].replace("@REGISTRY@", "registry.example").replace("@FAR@", "far.example:8443")));
    }

    /** Layouts in addition to the table: each was observed at a registry, or may occur in a hostile packument. */
    static Stream<Layout> moreLayouts() {
        return Stream.of(
                new Layout("upper", "HTTPS://Registry.Example/Upper/-/upper-1.0.0.TGZ"),
                new Layout("root", "https://registry.example?package=root&version=1.0.0"),
                new Layout("@acme/nexus", "https://registry.example/repository/npm/@acme/nexus/-/nexus-1.0.0.tgz"),
                new Layout(
                        "@acme/azure",
                        "https://registry.example/_packaging/f/npm/registry/@acme/azure/-/azure-1.0.0.tgz"),
                new Layout(
                        "@acme/gitlab",
                        "https://registry.example/api/v4/projects/7/packages/npm/@acme/gitlab/-/@acme/gitlab-1.0.0.tgz"),
                new Layout("fragment", "https://registry.example/fragment/-/fragment-1.0.0.tgz#0123abc"),
                new Layout("other-version", "https://registry.example/other-version/-/other-version-9.9.9.tgz"));
    }

    static Stream<Layout> names() throws IOException {
        return lines("names.tsv").map(cells -> new Layout(cells[0], "https://registry.example" + cells[2]));
    }

    private static Stream<String[]> lines(String table) throws IOException {
        try (InputStream in = TarballPlacesTest.class.getResourceAsStream("layouts/" + table)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .skip(1)
                    .map(line -> line.split("\t", -1));
        }
    }

    @ParameterizedTest
    @MethodSource({"layouts", "moreLayouts", "names"})
    void rewrittenAddress_inBothForms_leadsToTheRegistrys(Layout layout) {
        store(rewriting, layout);

        for (String accept : List.of("application/json", INSTALLER)) {
            String address = json(rewriting.get(PackageName.urlPath(layout.name()), "accept", accept))
                    .at("/versions/1.0.0/dist/tarball")
                    .asText();
            assertThat(address).startsWith(BASE + "/").doesNotContainIgnoringCase("%2f");

            HttpResponse<byte[]> response = rewriting.get(address.substring(BASE.length()));

            assertThat(response.statusCode()).isEqualTo(302);
            assertThat(header(response, "location")).isEqualTo(layout.tarball());
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void pathOfTheRegistrys_withoutRewriting_leadsToTheRegistry(Layout layout) {
        store(plain, layout);
        String path = layout.tarball().substring("https://registry.example".length());
        String escapedName =
                "/" + URLEncoder.encode(layout.name(), StandardCharsets.UTF_8).replace("+", "%20");
        String file = path.substring(path.lastIndexOf("/-/"));

        assertThat(json(plain.get(PackageName.urlPath(layout.name())))
                        .path("name")
                        .asText())
                .isEqualTo(layout.name());
        for (String written : List.of(
                path,
                lowerEscapes(path),
                PackageName.urlPath(layout.name()) + file,
                escapedName + file,
                lowerEscapes(escapedName) + file,
                path + "?from=lockfile")) {
            HttpResponse<byte[]> response = plain.get(written);
            assertThat(response.statusCode()).as(written).isEqualTo(302);
            assertThat(header(response, "location")).as(written).isEqualTo(layout.tarball());
            assertThat(plain.send("HEAD", written).statusCode()).as(written).isEqualTo(302);
        }
    }

    private static String lowerEscapes(String path) {
        return Pattern.compile("%[0-9A-F]{2}")
                .matcher(path)
                .replaceAll(escape -> escape.group().toLowerCase(Locale.ROOT));
    }

    @ParameterizedTest
    @CsvSource({
        "https://registry.example/My Team/a b/x-1.0.0.tgz, https://registry.example/My%20Team/a%20b/x-1.0.0.tgz",
        "https://registry.example/ünï.tgz, https://registry.example/%C3%BCn%C3%AF.tgz",
        "'https://registry.example/x\r\nset-cookie: a=b', https://registry.example/x%0D%0Aset-cookie:%20a=b"
    })
    void addressThatNoHeaderMayHold_isEscaped(String tarball, String location) {
        store(rewriting, new Layout("x", tarball));

        HttpResponse<byte[]> response = rewriting.get("/x/-/x-1.0.0.tgz");

        assertThat(header(response, "location")).isEqualTo(location);
        assertThat(header(response, "set-cookie")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"javascript:alert(1)", "file:///etc/passwd", "/x/-/x-1.0.0.tgz", "git+ssh://a/b", ""})
    void addressThatIsNoHttpAddress_isLeftAlone(String tarball) {
        store(rewriting, new Layout("x", tarball));

        assertThat(json(rewriting.get("/x")).at("/versions/1.0.0/dist/tarball").asText())
                .isEqualTo(tarball);
        assertThat(rewriting.get("/x/-/x-1.0.0.tgz").statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/x/-/x-9.0.0.tgz",
                "/x/-/x-1.0.0",
                "/x/-/a%0d%0ab",
                "/x/-/../../y",
                "/x/-/",
                "/x/download/x-1.0.0.tgz",
                "/y/-/y-1.0.0.tgz",
                "/../-/x-1.0.0.tgz",
                "/a%2fb/-/b-1.0.0.tgz"
            })
    void fileThatThePackumentDoesNotName_isNotFound(String path) {
        store(plain, new Layout("x", "https://registry.example/x/-/x-1.0.0.tgz"));

        assertThat(plain.get(path).statusCode()).isEqualTo(404);
        assertThat(json(plain.get(path)).path("error").asText()).isNotEmpty();
    }

    @Test
    void percentSignThatBeginsNoEscape_isNotFound() throws IOException {
        for (String path : List.of("/x/-/a%zz", "/x/%", "/%zz/-/x.tgz", "/-/package/%/dist-tags")) {
            try (RawClient client = new RawClient(plain.mirror.address())) {
                client.send("GET " + path + " HTTP/1.1\r\nhost: a\r\n\r\n");
                assertThat(client.answer().status()).as(path).isEqualTo(404);
            }
        }
    }

    @Test
    void versionOfAnySpelling_hasAnAddressOfItsOwn() throws IOException {
        ObjectNode document = Bench.JSON.createObjectNode().put("name", "x");
        List<String> versions = List.of("1.0.0", "", "1.0.0 ", "1.0.0+b", "../y", "a/b", "%2e", "v1", "\u0000", "é");
        for (String version : versions) {
            document.withObject("versions")
                    .putObject(version)
                    .putObject("dist")
                    .put("tarball", "https://registry.example/" + version.hashCode());
        }
        rewriting.store("x", document.toString(), head -> head.outcome("ok"));

        for (String version : versions) {
            String address = json(rewriting.get("/x"))
                    .path("versions")
                    .path(version)
                    .path("dist")
                    .path("tarball")
                    .asText();
            assertThat(URI.create(address).normalize()).hasToString(address);
            assertThat(header(rewriting.get(address.substring(BASE.length())), "location"))
                    .as(version)
                    .isEqualTo("https://registry.example/" + version.hashCode());
        }
    }

    @Test
    void registryBelowAPath_isTakenFromTheFrontOfItsTarballs() {
        try (Bench bench = new Bench(
                URI.create("https://registry.example/repository/npm/"),
                new MemoryStorageDriver(),
                builder -> builder)) {
            Layout layout = new Layout("@acme/x", "https://registry.example/repository/npm/@acme/x/-/x-1.0.0-old.tgz");
            store(bench, layout);

            assertThat(header(bench.get("/@acme/x/-/x-1.0.0-old.tgz"), "location"))
                    .isEqualTo(layout.tarball());
            assertThat(header(bench.get("/@acme/x/-/x-1.0.0.tgz"), "location")).isEqualTo(layout.tarball());
        }
    }

    @Test
    void packumentThatChanges_isDecidedAgain() {
        store(plain, new Layout("x", "https://registry.example/old/x-1.0.0.tgz"));
        assertThat(header(plain.get("/x/-/x-1.0.0.tgz"), "location")).contains("old");
        plain.clock.advance(Duration.ofSeconds(1));
        store(plain, new Layout("x", "https://registry.example/new/x-1.0.0.tgz"));

        assertThat(header(plain.get("/x/-/x-1.0.0.tgz"), "location")).contains("new");
    }

    @Test
    void abbreviatedPackument_saysItToo() {
        plain.storeAbbreviated("x", packument(new Layout("x", "https://registry.example/cdn/x")));

        assertThat(header(plain.get("/x/-/x-1.0.0.tgz"), "location")).isEqualTo("https://registry.example/cdn/x");
    }

    @Test
    void versionThatIsYoungerThanTheCopy_isLookedForAtTheRegistry_butNotForEveryClient() {
        try (Origin origin = new Origin();
                BaseHttpClient http = BaseHttpClient.builder()
                        .retry(RetryPolicy.none())
                        .limiters(HostLimiters.create())
                        .build();
                Bench bench =
                        new Bench(origin.address(), new MemoryStorageDriver(), builder -> builder.pullThrough(http))) {
            origin.json("/x", Bench.packument("x", "1.0.0"));
            assertThat(bench.get("/x/-/x-1.0.0.tgz").statusCode()).isEqualTo(302);
            origin.json("/x", Bench.packument("x", "1.0.0", "1.1.0"));
            bench.clock.advance(Duration.ofSeconds(10));

            assertThat(bench.get("/x/-/x-1.1.0.tgz").statusCode()).isEqualTo(302);
            for (int i = 0; i < 5; i++) {
                assertThat(bench.get("/x/-/x-1.2.0.tgz").statusCode()).isEqualTo(404);
            }
            assertThat(origin.paths()).hasSize(2);
        }
    }

    /**
     * The packument was stored while the clock was ahead, so its age is unknown and it is requested from the registry.
     */
    @Test
    void versionThatIsYoungerThanACopyOfTheFuture_isLookedForAtTheRegistry() {
        try (Origin origin = new Origin();
                BaseHttpClient http = BaseHttpClient.builder()
                        .retry(RetryPolicy.none())
                        .limiters(HostLimiters.create())
                        .build();
                Bench bench =
                        new Bench(origin.address(), new MemoryStorageDriver(), builder -> builder.pullThrough(http))) {
            bench.clock.advance(Duration.ofDays(400));
            origin.json("/x", Bench.packument("x", "1.0.0"));
            assertThat(bench.get("/x/-/x-1.0.0.tgz").statusCode()).isEqualTo(302);
            bench.clock.advance(Duration.ofDays(-400));
            origin.json("/x", Bench.packument("x", "1.0.0", "1.1.0"));

            assertThat(bench.get("/x/-/x-1.1.0.tgz").statusCode()).isEqualTo(302);
            assertThat(bench.get("/x/-/x-1.2.0.tgz").statusCode()).isEqualTo(404);
            assertThat(origin.paths()).hasSize(2);
        }
    }

    private static void store(Bench bench, Layout layout) {
        UnaryOperator<EntryMetadata.Builder> ok = head -> head.outcome("ok");
        bench.store(layout.name(), packument(layout), ok);
    }

    private static String packument(Layout layout) {
        ObjectNode document = Bench.JSON.createObjectNode().put("name", layout.name());
        document.putObject("dist-tags").put("latest", "1.0.0");
        document.putObject("versions")
                .putObject("1.0.0")
                .put("name", layout.name())
                .put("version", "1.0.0")
                .putObject("dist")
                .put("tarball", layout.tarball());
        return document.toString();
    }
}
