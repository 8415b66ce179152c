package io.alldocs.worker.mirror;

import static io.alldocs.worker.mirror.Bench.ABBREVIATED;
import static io.alldocs.worker.mirror.Bench.INSTALLER;
import static io.alldocs.worker.mirror.Bench.header;
import static io.alldocs.worker.mirror.Bench.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.Cache;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.HostLimiters;
import io.alldocs.http.RetryPolicy;
import io.alldocs.packument.VersionPolicy;
import io.alldocs.packument.VersionRule;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests what a mirror serves under a policy. Of three versions, one is a year old, one ten days, and one an hour. */
@Timeout(120)
class PolicyTest {
    private static final Duration WEEK = Duration.ofDays(7);
    private static final VersionPolicy POLICY =
            VersionPolicy.builder().minAge(WEEK).build();

    @TempDir
    private Path folder;

    private final Origin registry = new Origin();
    private final BaseHttpClient http = BaseHttpClient.builder()
            .retry(RetryPolicy.none())
            .limiters(HostLimiters.create())
            .build();

    @AfterEach
    void close() {
        http.close();
        registry.close();
    }

    private Bench bench(UnaryOperator<MirrorServerBuilder> options) {
        return new Bench(registry.address(), new MemoryStorageDriver(), options);
    }

    private Bench governed() {
        Bench bench = bench(builder -> builder.policy(POLICY));
        bench.store("lib", full(bench.clock.instant()), head -> head.outcome("ok"));
        return bench;
    }

    private static ObjectNode tree(Instant now) {
        ObjectNode tree = Bench.JSON
                .createObjectNode()
                .put("_id", "lib")
                .put("_rev", "3-abc")
                .put("name", "lib");
        tree.putObject("dist-tags").put("latest", "1.0.2").put("next", "1.0.2").put("old", "1.0.0");
        ObjectNode time = tree.putObject("time");
        time.put("modified", now.minus(Duration.ofHours(1)).toString());
        ObjectNode versions = tree.putObject("versions");
        List<Duration> ages = List.of(Duration.ofDays(365), Duration.ofDays(10), Duration.ofHours(1));
        for (int i = 0; i < ages.size(); i++) {
            String version = "1.0." + i;
            time.put(version, now.minus(ages.get(i)).toString());
            versions.putObject(version)
                    .put("name", "lib")
                    .put("version", version)
                    .putObject("dist")
                    .put("tarball", "https://files.example/lib/-/lib-" + version + ".tgz");
        }
        return tree;
    }

    private static String full(Instant now) {
        return tree(now).toString();
    }

    private static String abbreviated(Instant now, Duration sinceModified) {
        ObjectNode tree = tree(now);
        tree.remove(List.of("time", "_id", "_rev"));
        tree.put("modified", now.minus(sinceModified).toString());
        return tree.toString();
    }

    private static List<String> versions(HttpResponse<byte[]> response) {
        List<String> names = new ArrayList<>();
        json(response).path("versions").fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static long maxAge(HttpResponse<byte[]> response) {
        return Long.parseLong(header(response, "cache-control").replaceAll(".*max-age=", ""));
    }

    @Test
    void packument_inBothForms_isWithoutTheVersionsThatAreTooNew() {
        try (Bench bench = governed()) {
            HttpResponse<byte[]> full = bench.get("/lib");
            HttpResponse<byte[]> brief = bench.get("/lib", "accept", INSTALLER, "accept-encoding", "gzip");

            assertThat(versions(full)).containsExactly("1.0.0", "1.0.1");
            assertThat(json(full).path("time").has("1.0.2")).isFalse();
            assertThat(json(full).path("_rev").asText()).isEqualTo("3-abc");
            assertThat(json(full).path("dist-tags").toString()).isEqualTo("{\"latest\":\"1.0.1\",\"old\":\"1.0.0\"}");
            assertThat(header(full, "last-modified")).isEmpty();
            assertThat(versions(brief)).containsExactly("1.0.0", "1.0.1");
            assertThat(header(brief, "content-type")).isEqualTo(ABBREVIATED);
            assertThat(header(brief, "content-encoding")).isEqualTo("gzip");
            assertThat(json(brief).has("time")).isFalse();
            assertThat(json(brief).at("/dist-tags/latest").asText()).isEqualTo("1.0.1");
            assertThat(bench.metric("policy_removed_versions_total{rule=\"min-age\"}"))
                    .isEqualTo(2);
        }
    }

    @Test
    void version_appearsAtTheSecondInWhichItIsOldEnough_alsoForAClientWithAWarmCache() {
        try (Bench bench = governed()) {
            HttpResponse<byte[]> first = bench.get("/lib", "accept", INSTALLER);
            String etag = header(first, "etag");
            assertThat(maxAge(first)).isEqualTo(300);

            for (int day = 1; day < 7; day++) {
                bench.clock.advance(Duration.ofDays(1));
                HttpResponse<byte[]> again = bench.get("/lib", "accept", INSTALLER, "if-none-match", etag);
                assertThat(again.statusCode()).as("day %s", day).isEqualTo(304);
            }
            bench.clock.advance(Duration.ofHours(22).plusSeconds(3_590));
            HttpResponse<byte[]> before = bench.get("/lib", "accept", INSTALLER);
            assertThat(versions(before)).containsExactly("1.0.0", "1.0.1");
            bench.recheck();
            assertThat(maxAge(bench.get("/lib", "accept", INSTALLER))).isEqualTo(10);
            assertThat(header(bench.get("/lib", "accept", INSTALLER), "etag")).isEqualTo(etag);

            // Responses in memory are not compared with the cache yet, because their clock is stopped.
            bench.clock.advance(Duration.ofSeconds(10));
            HttpResponse<byte[]> after = bench.get("/lib", "accept", INSTALLER, "if-none-match", etag);
            assertThat(after.statusCode()).isEqualTo(200);
            assertThat(versions(after)).containsExactly("1.0.0", "1.0.1", "1.0.2");
            assertThat(json(after).at("/dist-tags/latest").asText()).isEqualTo("1.0.2");
            assertThat(header(after, "etag")).isNotEqualTo(etag);
            assertThat(maxAge(after)).isEqualTo(300);
        }
    }

    @Test
    void decisions_ofAClockThatWasAhead_endWhenItIsSetBack() {
        try (Bench bench = governed()) {
            for (String path : List.of("/lib", "/lib/1.0.2")) {
                bench.clock.advance(Duration.ofDays(30));
                assertThat(bench.get(path).statusCode()).isEqualTo(200);
                assertThat(versions(bench.get("/lib"))).hasSize(3);

                bench.clock.advance(Duration.ofDays(-30));

                assertThat(versions(bench.get("/lib"))).containsExactly("1.0.0", "1.0.1");
                assertThat(bench.get("/lib/1.0.2").statusCode()).isEqualTo(403);
                assertThat(bench.get("/lib/-/lib-1.0.2.tgz").statusCode()).isEqualTo(403);
            }
        }
    }

    @Test
    void tag_ofTheSameDocument_differsByPolicy() {
        List<String> tags = new ArrayList<>();
        String document = full(Instant.parse("2026-11-30T00:00:00Z").minus(Duration.ofDays(400)));
        for (VersionPolicy policy : Arrays.asList(
                null, POLICY, VersionPolicy.builder().minAge(Duration.ofDays(8)).build())) {
            try (Bench bench = bench(builder -> policy == null ? builder : builder.policy(policy))) {
                bench.store("lib", document, head -> head.outcome("ok"));
                HttpResponse<byte[]> answer = bench.get("/lib");
                assertThat(versions(answer)).hasSize(3);
                tags.add(header(answer, "etag"));
            }
        }
        assertThat(tags).doesNotHaveDuplicates();
    }

    @Test
    void abbreviatedDocument_thatIsOlderThanTheMinimumAge_provesItsVersions() {
        try (Bench bench = bench(builder -> builder.policy(POLICY))) {
            bench.storeAbbreviated("lib", abbreviated(bench.clock.instant(), WEEK));

            HttpResponse<byte[]> brief = bench.get("/lib", "accept", INSTALLER);

            assertThat(brief.statusCode()).isEqualTo(200);
            assertThat(versions(brief)).hasSize(3);
            assertThat(bench.get("/lib").statusCode()).isEqualTo(406);
        }
    }

    @Test
    void abbreviatedDocument_thatProvesNothing_isNotServed() throws IOException {
        try (Bench bench = bench(builder -> builder.policy(POLICY))) {
            bench.storeAbbreviated("lib", abbreviated(bench.clock.instant(), WEEK.minusSeconds(1)));

            RawClient.Answer answer = raw(bench, "/lib", "accept: " + INSTALLER);

            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.head())
                    .startsWith("HTTP/1.1 503 The policy cannot decide about lib: the abbreviated form does not say")
                    .contains("\r\nretry-after: 5");
            assertThat(answer.text()).contains("--pull-through");
            assertThat(bench.get("/-/package/lib/dist-tags").statusCode()).isEqualTo(503);
            assertThat(bench.get("/lib/-/lib-1.0.0.tgz").statusCode()).isEqualTo(503);
            assertThat(bench.metric("policy_undecided_total")).isEqualTo(3);
        }
    }

    private static RawClient.Answer raw(Bench bench, String path, String... headers) throws IOException {
        try (RawClient client = new RawClient(bench.mirror.address())) {
            String lines = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
            return client.send("GET " + path + " HTTP/1.1\r\nhost: x\r\n" + lines + "\r\n")
                    .answer();
        }
    }

    @Test
    void abbreviatedDocument_thatProvesNothing_isDecidedByTheFullOneOfTheRegistry() {
        try (Bench bench = bench(builder -> builder.policy(POLICY).pullThrough(http))) {
            Instant now = bench.clock.instant();
            registry.on("/lib", exchange -> {
                boolean brief = exchange.getRequestHeaders().getFirst("accept").startsWith(ABBREVIATED);
                String body = brief ? abbreviated(now, Duration.ofHours(1)) : full(now);
                exchange.getResponseHeaders().set("vary", "accept");
                exchange.getResponseHeaders().set("cache-control", "public, max-age=300");
                Origin.send(
                        exchange, 200, brief ? ABBREVIATED : "application/json", body.getBytes(StandardCharsets.UTF_8));
            });

            HttpResponse<byte[]> brief = bench.get("/lib", "accept", INSTALLER);

            assertThat(versions(brief)).containsExactly("1.0.0", "1.0.1");
            assertThat(json(brief).has("time")).isFalse();
            assertThat(registry.asked()).hasSize(2);
            assertThat(versions(bench.get("/lib"))).containsExactly("1.0.0", "1.0.1");
            assertThat(registry.asked()).hasSize(2);
        }
    }

    @Test
    void abbreviatedDocument_whoseFullFormTheRegistryDoesNotSend_isNotServed() throws IOException {
        try (Bench bench = bench(builder -> builder.policy(POLICY).pullThrough(http))) {
            Instant now = bench.clock.instant();
            registry.on("/lib", exchange -> {
                boolean brief = exchange.getRequestHeaders().getFirst("accept").startsWith(ABBREVIATED);
                byte[] body = abbreviated(now, Duration.ofHours(1)).getBytes(StandardCharsets.UTF_8);
                Origin.send(exchange, brief ? 200 : 500, ABBREVIATED, body);
            });

            RawClient.Answer answer = raw(bench, "/lib", "accept: " + INSTALLER);

            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.text()).contains("the registry does not respond to the request for the full form");
        }
    }

    @Test
    void fullDocumentWithoutTimes_followsUnknownAge() {
        VersionPolicy lenient =
                VersionPolicy.builder().minAge(WEEK).allowUnknownAge().build();
        for (VersionPolicy policy : List.of(POLICY, lenient)) {
            try (Bench bench = bench(builder -> builder.policy(policy))) {
                ObjectNode tree = tree(bench.clock.instant());
                tree.remove("time");
                bench.store("lib", tree.toString(), head -> head.outcome("ok"));

                HttpResponse<byte[]> full = bench.get("/lib");

                assertThat(full.statusCode()).isEqualTo(policy == lenient ? 200 : 403);
                assertThat(versions(full)).hasSize(policy == lenient ? 3 : 0);
                assertThat(json(full).path("error").asText())
                        .isEqualTo(
                                policy == lenient
                                        ? ""
                                        : "unknown-age: lib@1.0.2 has no publication time, which an age rule needs;"
                                                + " all 3 versions of lib are refused");
            }
        }
    }

    @Test
    void packument_ofWhichNoVersionIsAllowed_is403WithTheReason_untilOneIs() throws IOException {
        try (Bench bench = bench(builder -> builder.policy(
                VersionPolicy.builder().minAge(Duration.ofDays(366)).build()))) {
            Instant now = bench.clock.instant();
            bench.store("lib", full(now), head -> head.outcome("ok"));
            String reason = "min-age: lib@1.0.0 was published " + now.minus(Duration.ofDays(365))
                    + " and is allowed from " + now.plus(Duration.ofDays(1))
                    + "; all 3 versions of lib are refused";

            for (int time = 0; time < 2; time++) {
                for (String accept : List.of(INSTALLER, "application/json")) {
                    RawClient.Answer answer = raw(bench, "/lib", "accept: " + accept, "if-none-match: *");
                    assertThat(answer.head())
                            .startsWith("HTTP/1.1 403 " + reason + "\r\n")
                            .doesNotContain("cache-control", "etag");
                    assertThat(answer.text()).isEqualTo("{\"error\":\"" + reason + "\"}");
                }
                bench.recheck();
            }
            assertThat(bench.get("/lib/latest").statusCode()).isEqualTo(403);

            bench.clock.advance(Duration.ofDays(1));
            HttpResponse<byte[]> later = bench.get("/lib", "accept", INSTALLER);
            assertThat(versions(later)).containsExactly("1.0.0");
            assertThat(header(later, "cache-control")).isEqualTo("public, max-age=300");
        }
    }

    @Test
    void packument_withoutVersions_isServedUnchanged() {
        try (Bench bench = bench(builder -> builder.policy(POLICY))) {
            bench.store("lib", "{\"name\":\"lib\",\"versions\":{},\"time\":{}}", head -> head.outcome("ok"));

            assertThat(bench.get("/lib").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void decisions_areAboutTheServedText_whenTheStoreIsWrittenBetween() {
        for (String path : List.of("/lib", "/lib/1.0.2", "/lib/latest", "/-/package/lib/dist-tags", "/-/policy/lib")) {
            for (String accept : List.of(INSTALLER, "application/json")) {
                InterferingDriver driver = new InterferingDriver();
                try (Bench bench = new Bench(registry.address(), driver, builder -> builder.policy(POLICY))) {
                    Instant now = bench.clock.instant();
                    ObjectNode before = tree(now);
                    before.withObject("versions").remove("1.0.2");
                    before.withObject("time").remove("1.0.2");
                    before.withObject("dist-tags").removeAll().put("latest", "1.0.1");
                    bench.store("lib", before.toString(), head -> head.outcome("ok"));
                    assertThat(versions(bench.get("/lib"))).hasSize(2);
                    bench.clock.advance(Duration.ofSeconds(1));
                    driver.beforeNextBody(() -> bench.store("lib", full(now), head -> head.outcome("ok")));

                    HttpResponse<byte[]> answer = bench.get(path, "accept", accept, "accept-encoding", "gzip");

                    assertThat(driver.hasInterfered()).as(path).isTrue();
                    JsonNode given = json(answer);
                    assertThat(given.path("versions").path("1.0.2").path("dist").isMissingNode())
                            .as("%s: %s", path, given)
                            .isTrue();
                    assertThat(given.path("version").asText()).as(path).isNotEqualTo("1.0.2");
                    assertThat(given.path("latest").asText()).as(path).isNotEqualTo("1.0.2");
                }
            }
        }
    }

    @Test
    void tarball_ofARefusedVersion_is403WithTheReasonInPhraseAndBody() throws IOException {
        try (Bench bench = governed()) {
            RawClient.Answer refused = raw(bench, "/lib/-/lib-1.0.2.tgz");
            String reason =
                    "min-age: lib@1.0.2 was published " + bench.clock.instant().minus(Duration.ofHours(1))
                            + " and is allowed from "
                            + bench.clock.instant().plus(WEEK).minus(Duration.ofHours(1));

            assertThat(refused.head()).startsWith("HTTP/1.1 403 " + reason + "\r\n");
            assertThat(refused.text()).isEqualTo("{\"error\":\"" + reason + "\"}");
            HttpResponse<byte[]> allowed = bench.get("/lib/-/lib-1.0.1.tgz");
            assertThat(allowed.statusCode()).isEqualTo(302);
            assertThat(header(allowed, "location")).isEqualTo("https://files.example/lib/-/lib-1.0.1.tgz");
            assertThat(bench.get("/lib/-/lib-1.0.3.tgz").statusCode()).isEqualTo(404);
            assertThat(bench.metric("policy_refused_requests_total{rule=\"min-age\"}"))
                    .isEqualTo(1);

            bench.clock.advance(WEEK);
            assertThat(bench.get("/lib/-/lib-1.0.2.tgz").statusCode()).isEqualTo(302);
        }
    }

    @Test
    void tarball_ofAVersionThatOnlyTheAbbreviatedFormHas_isRefused() {
        try (Bench bench = bench(builder -> builder.policy(POLICY))) {
            ObjectNode older = tree(bench.clock.instant());
            older.withObject("versions").remove("1.0.2");
            older.withObject("time").remove("1.0.2");
            bench.store("lib", older.toString(), head -> head.outcome("ok"));
            bench.clock.advance(Duration.ofSeconds(1));
            bench.storeAbbreviated("lib", abbreviated(bench.clock.instant(), Duration.ofSeconds(1)));

            HttpResponse<byte[]> refused = bench.get("/lib/-/lib-1.0.2.tgz");

            assertThat(refused.statusCode()).isEqualTo(403);
            assertThat(json(refused).path("error").asText())
                    .startsWith("unknown-age: lib@1.0.2 is not in the packument");
            assertThat(versions(bench.get("/lib", "accept", INSTALLER))).containsExactly("1.0.0", "1.0.1");
        }
    }

    @Test
    void manifestAndTags_followThePolicy() {
        try (Bench bench = governed()) {
            assertThat(bench.get("/lib/1.0.2").statusCode()).isEqualTo(403);
            assertThat(bench.get("/lib/next").statusCode()).isEqualTo(403);
            assertThat(json(bench.get("/lib/next")).path("error").asText()).startsWith("min-age: lib@1.0.2");
            assertThat(json(bench.get("/lib/latest")).path("version").asText()).isEqualTo("1.0.1");
            assertThat(json(bench.get("/lib/1.0.0")).path("version").asText()).isEqualTo("1.0.0");
            assertThat(bench.get("/lib/7.0.0").statusCode()).isEqualTo(404);
            assertThat(json(bench.get("/-/package/lib/dist-tags")).toString())
                    .isEqualTo("{\"latest\":\"1.0.1\",\"old\":\"1.0.0\"}");
        }
    }

    @Test
    void rewrittenTarballs_andThePolicy_gotogether() {
        try (Bench bench =
                bench(builder -> builder.policy(POLICY).rewriteTarballs(URI.create("http://mirror.example")))) {
            bench.store("lib", full(bench.clock.instant()), head -> head.outcome("ok"));

            HttpResponse<byte[]> full = bench.get("/lib", "accept-encoding", "gzip");

            assertThat(versions(full)).containsExactly("1.0.0", "1.0.1");
            assertThat(json(full).at("/versions/1.0.1/dist/tarball").asText())
                    .isEqualTo("http://mirror.example/lib/-/lib-1.0.1.tgz");
            assertThat(json(bench.get("/lib/1.0.1")).at("/dist/tarball").asText())
                    .isEqualTo("http://mirror.example/lib/-/lib-1.0.1.tgz");
        }
    }

    @Test
    void documentThatMemoryDoesNotHold_isCutWhileItIsSent() {
        try (Bench bench = bench(builder -> builder.policy(POLICY).memoryBytes(256 * 1024))) {
            ObjectNode tree = tree(bench.clock.instant());
            StringBuilder readme = new StringBuilder();
            for (int i = 0; i < 40_000; i++) {
                readme.append(Integer.toHexString(i * 7_919)).append(i % 13);
            }
            tree.put("readme", readme.toString());
            bench.store("lib", tree.toString(), head -> head.outcome("ok"));

            for (String encoding : List.of("gzip", "identity")) {
                HttpResponse<byte[]> full = bench.get("/lib", "accept-encoding", encoding);
                assertThat(header(full, "transfer-encoding")).isEqualTo("chunked");
                assertThat(versions(full)).containsExactly("1.0.0", "1.0.1");
                assertThat(json(full).path("readme").asText()).hasSameSizeAs(readme);
            }
        }
    }

    @Test
    void explanation_listsEachVersion() {
        try (Bench bench = governed()) {
            Instant now = bench.clock.instant();

            JsonNode told = json(bench.get("/-/policy/lib"));

            assertThat(told.path("name").asText()).isEqualTo("lib");
            assertThat(told.at("/policy/revision").asText()).isEqualTo(POLICY.revision());
            assertThat(told.path("timesAreKnown").asBoolean()).isTrue();
            assertThat(told.at("/dist-tags/latest").toString())
                    .isEqualTo("{\"registry\":\"1.0.2\",\"mirror\":\"1.0.1\"}");
            assertThat(told.at("/dist-tags/next/mirror").isNull()).isTrue();
            assertThat(told.at("/versions/1.0.0/allowed").asBoolean()).isTrue();
            JsonNode refused = told.at("/versions/1.0.2");
            assertThat(refused.path("allowed").asBoolean()).isFalse();
            assertThat(refused.path("rule").asText()).isEqualTo("min-age");
            assertThat(refused.path("published").asText())
                    .isEqualTo(now.minus(Duration.ofHours(1)).toString());
            assertThat(refused.path("since").asText())
                    .isEqualTo(now.toString()); // the mirror was started after the version was published
            assertThat(refused.path("until").asText())
                    .isEqualTo(now.plus(WEEK).minus(Duration.ofHours(1)).toString());
            assertThat(bench.get("/-/policy/absent").statusCode()).isEqualTo(404);
        }
        try (Bench bench = bench(builder -> builder)) {
            assertThat(json(bench.get("/-/policy/lib")).path("error").asText()).isEqualTo("This mirror has no policy");
        }
    }

    @Test
    void explanation_ofAnAbbreviatedDocument_saysThatTimesAreUnknown() {
        try (Bench bench = bench(builder -> builder.policy(POLICY))) {
            bench.storeAbbreviated(
                    "@a/lib",
                    abbreviated(bench.clock.instant(), Duration.ofHours(1)).replace("\"lib\"", "\"@a/lib\""));

            JsonNode told = json(bench.get("/-/policy/@a%2flib"));

            assertThat(told.path("timesAreKnown").asBoolean()).isFalse();
            assertThat(told.at("/versions/1.0.0/rule").asText()).isEqualTo("unknown-age");
            assertThat(json(bench.get("/-/policy/@a/lib")).path("name").asText())
                    .isEqualTo("@a/lib");
        }
    }

    @Test
    void policyFile_thatChanges_isReadAgain_andBadContentLeavesTheLastGoodOne() throws IOException {
        Path file = Files.writeString(folder.resolve("policy"), "min-age: 7d\n");
        try (Bench bench = bench(builder -> builder.policyFile(file))) {
            bench.store("lib", full(bench.clock.instant()), head -> head.outcome("ok"));
            assertThat(versions(bench.get("/lib"))).containsExactly("1.0.0", "1.0.1");
            assertThat(bench.metric("policy_file_current")).isEqualTo(1);

            Files.writeString(file, "min-age: 7d\nmin-age-exclude: lib@1.0.2\n");
            await(() -> versions(bench.get("/lib")).size() == 3);

            Files.writeString(file, "min-age: 7 days or so\n");
            await(() -> bench.metric("policy_file_refused_total") == 1);
            assertThat(bench.metric("policy_file_current")).isZero();
            assertThat(versions(bench.get("/lib"))).hasSize(3);

            Files.writeString(file, "block: lib\n");
            await(() -> bench.get("/lib").statusCode() == 403);
            assertThat(bench.metric("policy_file_current")).isEqualTo(1);
            assertThat(json(bench.get("/lib")).path("error").asText())
                    .isEqualTo("block: lib@1.0.2 matches lib; all 3 versions of lib are refused");
        }
    }

    private static void await(BooleanSupplier condition) {
        Instant end = Instant.now().plus(Bench.PATIENCE);
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).isBefore(end);
            LockSupport.parkNanos(20_000_000);
        }
    }

    @Test
    void start_withAFileThatIsNoPolicy_isRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("policy"), "min-age: soon\n");
        try (Cache cache = Cache.builder().driver(new MemoryStorageDriver()).build()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() ->
                            MirrorServer.builder().cache(cache).policyFile(file).start())
                    .withMessageContaining(file.toString())
                    .withMessageContaining("line 1: min-age");
        }
    }

    @Test
    void exception_letsAVersionThrough() {
        VersionPolicy policy = VersionPolicy.builder()
                .minAge(WEEK)
                .except(VersionRule.MIN_AGE, "lib@1.0.2")
                .build();
        try (Bench bench = bench(builder -> builder.policy(policy))) {
            bench.store("lib", full(bench.clock.instant()), head -> head.outcome("ok"));

            assertThat(versions(bench.get("/lib"))).hasSize(3);
            assertThat(bench.get("/lib/-/lib-1.0.2.tgz").statusCode()).isEqualTo(302);
        }
    }
}
