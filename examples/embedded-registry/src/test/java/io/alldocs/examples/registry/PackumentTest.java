package io.alldocs.examples.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PackumentTest {
    private static final String ABBREVIATED = "application/vnd.npm.install-v1+json";
    private static final List<String> HOSTILE = List.of(
            "-",
            "Base64",
            "~tilde",
            "it's!",
            "(x)*",
            "@scope/name",
            "@S/~",
            "../../etc/passwd",
            "ünï",
            "😀",
            "q\"q",
            "b\\b",
            "a b",
            "a+b",
            "100%",
            "a/b",
            "with?mark",
            "with#hash",
            "x".repeat(300),
            "a\tb");

    private static EmbeddedRegistry registry;

    @BeforeAll
    static void start() {
        EmbeddedRegistryBuilder builder =
                EmbeddedRegistry.builder().names(HOSTILE).seed(11);
        for (NameState state : NameState.values()) {
            builder.state("is-" + state, state);
        }
        registry = builder.names(join(
                        HOSTILE,
                        Arrays.stream(NameState.values())
                                .map(state -> "is-" + state)
                                .toList()))
                .start();
    }

    private static List<String> join(List<String> one, List<String> other) {
        return java.util.stream.Stream.concat(one.stream(), other.stream()).toList();
    }

    @AfterAll
    static void stop() {
        registry.close();
    }

    private static String path(String name) {
        return "/" + (name.startsWith("@") ? "@" + Client.encode(name.substring(1)) : Client.encode(name));
    }

    @Test
    void packument_everyName_saysItsOwnNameAndRevision() throws Exception {
        for (String name : HOSTILE) {
            JsonNode full = Client.json(registry, path(name));
            assertThat(full.path("name").asText()).isEqualTo(name);
            assertThat(full.path("_id").asText()).isEqualTo(name);
            assertThat(full.path("_rev").asText()).isEqualTo(registry.rev(name).orElseThrow());
            JsonNode latest = full.path("versions")
                    .path(full.path("dist-tags").path("latest").asText());
            assertThat(latest.path("name").asText()).isEqualTo(name);
            assertThat(latest.path("dist").path("tarball").asText()).startsWith("https://registry.npmjs.com/");
            assertThat(full.path("time").path("modified").isTextual()).isTrue();
            assertThat(full.path("readme").asText()).contains(name);
        }
    }

    /** Uses the packuments of real names, because in some of them the versions are not in the order of their times. */
    @ParameterizedTest
    @ValueSource(strings = {"express", "get-proto", "killable", "json-parse-even-better-errors", "a-new-name"})
    void packument_times_areBetweenCreatedAndModified(String name) throws Exception {
        try (EmbeddedRegistry ofName =
                EmbeddedRegistry.builder().names(List.of(name)).start()) {
            JsonNode time = Client.json(ofName, "/" + name).path("time");
            Instant created = Instant.parse(time.path("created").asText());
            Instant modified = Instant.parse(time.path("modified").asText());

            assertThat(time).hasSizeGreaterThan(2);
            assertThat(time)
                    .allSatisfy(at -> assertThat(Instant.parse(at.asText())).isBetween(created, modified));
        }
    }

    @Test
    void packument_abbreviated_hasTheInstallFieldsOnly() throws Exception {
        for (String name : HOSTILE) {
            HttpResponse<byte[]> response =
                    Client.get(registry, path(name), "accept", ABBREVIATED + "; q=1.0, application/json; q=0.8, */*");
            assertThat(response.headers().firstValue("content-type")).hasValue(ABBREVIATED);
            JsonNode abbreviated = Client.parse(response.body());
            assertThat(abbreviated.fieldNames())
                    .toIterable()
                    .containsExactly("name", "modified", "dist-tags", "versions");
            assertThat(abbreviated.path("name").asText()).isEqualTo(name);
            abbreviated.path("versions").forEach(version -> {
                assertThat(version.has("dist")).isTrue();
                assertThat(version.has("description")).isFalse();
                assertThat(version.has("scripts")).isFalse();
            });
        }
    }

    @Test
    void packument_anyFormAndEncoding_isWhatTheRegistryHolds() throws Exception {
        for (String name : HOSTILE) {
            for (PackumentForm form : PackumentForm.values()) {
                byte[] held = registry.packument(name, form).orElseThrow();
                assertThat(Client.get(registry, path(name), "accept", form.contentType())
                                .body())
                        .isEqualTo(held);
                HttpResponse<byte[]> gzip = Client.get(
                        registry, path(name), "accept", form.contentType(), "accept-encoding", "br;q=1, gzip;q=0.5");
                assertThat(gzip.headers().firstValue("content-encoding")).hasValue("gzip");
                assertThat(Client.gunzip(gzip.body())).isEqualTo(held);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/@scope%2fname", "/@scope%2Fname", "/@scope/name", "/%40scope%2fname"})
    void packument_scopedName_isFoundHoweverItsSlashIsWritten(String path) throws Exception {
        assertThat(Client.json(registry, path).path("name").asText()).isEqualTo("@scope/name");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/no-such", "/@scope", "/registry/Base64", "/Base64/1.0.0", "/base64", "/%25zz"})
    void packument_unknownName_is404(String path) throws Exception {
        HttpResponse<byte[]> response = Client.get(registry, path);

        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(new String(response.body(), StandardCharsets.UTF_8)).isEqualTo("{\"error\":\"Not found\"}");
    }

    @Test
    void packument_headers_areNpms() throws Exception {
        var headers = Client.get(registry, "/Base64").headers();

        assertThat(headers.firstValue("etag").orElseThrow()).matches("\"[0-9a-f]{32}\"");
        assertThat(headers.firstValue("etag")).isEqualTo(registry.etag("Base64"));
        assertThat(headers.firstValue("last-modified").orElseThrow()).endsWith(" GMT");
        assertThat(headers.firstValue("cache-control")).hasValue("public, max-age=300");
        assertThat(headers.firstValue("vary")).hasValue("accept-encoding, accept");
        assertThat(headers.firstValue("content-type")).hasValue("application/json");
    }

    @Test
    void packument_conditionalRequest_is304UntilItChanges() throws Exception {
        try (EmbeddedRegistry changing = EmbeddedRegistry.builder().names("a").start()) {
            HttpResponse<byte[]> first = Client.get(changing, "/a");
            String etag = first.headers().firstValue("etag").orElseThrow();
            String modified = first.headers().firstValue("last-modified").orElseThrow();

            HttpResponse<byte[]> unchanged = Client.get(changing, "/a", "if-none-match", "\"x\", W/" + etag);
            assertThat(unchanged.statusCode()).isEqualTo(304);
            assertThat(unchanged.body()).isEmpty();
            assertThat(unchanged.headers().firstValue("etag")).hasValue(etag);
            assertThat(Client.get(changing, "/a", "if-modified-since", modified).statusCode())
                    .isEqualTo(304);
            assertThat(Client.get(changing, "/a", "if-none-match", "\"x\"", "if-modified-since", modified)
                            .statusCode())
                    .isEqualTo(200);
            assertThat(Client.get(changing, "/a", "if-none-match", etag, "accept", ABBREVIATED)
                            .statusCode())
                    .isEqualTo(200);

            changing.publish("a");
            assertThat(Client.get(changing, "/a", "if-none-match", etag).statusCode())
                    .isEqualTo(200);
            assertThat(Client.get(changing, "/a", "if-modified-since", modified).statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void publish_knownName_addsAVersion() throws Exception {
        try (EmbeddedRegistry changing = EmbeddedRegistry.builder().names("a").start()) {
            JsonNode before = Client.json(changing, "/a");
            changing.publish("a");
            changing.publish("a");

            JsonNode after = Client.json(changing, "/a");

            assertThat(after.path("versions").size())
                    .isEqualTo(before.path("versions").size() + 2);
            String latest = after.path("dist-tags").path("latest").asText();
            assertThat(after.path("versions").path(latest).path("version").asText())
                    .isEqualTo(latest);
            assertThat(after.path("time").has(latest)).isTrue();
            assertThat(Client.gunzip(Client.get(changing, "/a", "accept-encoding", "gzip")
                            .body()))
                    .isEqualTo(changing.packument("a").orElseThrow());
        }
    }

    @Test
    void packument_head_hasTheHeadersOfGetWithoutBody() throws Exception {
        HttpResponse<byte[]> head = Client.send(registry, "HEAD", "/Base64");

        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        assertThat(head.headers().firstValueAsLong("content-length"))
                .hasValue(registry.packument("Base64").orElseThrow().length);
    }

    @ParameterizedTest
    @EnumSource(NameState.class)
    void packument_everyState_answersAsItShould(NameState state) throws Exception {
        String name = "is-" + state;
        HttpResponse<byte[]> response = Client.get(registry, "/" + name);

        assertThat(registry.state(name)).hasValue(state);
        assertThat(registry.names()).contains(name);
        assertThat(response.statusCode())
                .isEqualTo(
                        switch (state) {
                            case NOT_FOUND -> 404;
                            case BLOCKED -> 451;
                            case FORBIDDEN -> 403;
                            default -> 200;
                        });
        assertThat(registry.packument(name).isPresent()).isEqualTo(response.statusCode() == 200);
        if (response.statusCode() != 200) {
            assertThat(Client.parse(response.body()).has("error")).isTrue();
            return;
        }
        assertThat(registry.packument(name).orElseThrow()).isEqualTo(response.body());
        if (state == NameState.MALFORMED) {
            assertThatThrownBy(() -> Client.parse(response.body())).isInstanceOf(java.io.IOException.class);
            return;
        }
        JsonNode body = Client.parse(response.body());
        switch (state) {
            case UNPUBLISHED -> {
                assertThat(body.path("time").path("unpublished").path("versions"))
                        .isNotEmpty();
                assertThat(body.has("versions")).isFalse();
                assertThat(body.has("dist-tags")).isFalse();
                assertThat(body.path("_id").asText()).isEqualTo(name);
            }
            case SECURITY_HOLDER -> {
                assertThat(body.path("versions").fieldNames()).toIterable().containsExactly("0.0.1-security");
                assertThat(body.path("repository").path("url").asText()).contains("npm/security-holder");
                assertThat(body.path("description").asText()).isEqualTo("security holding package");
            }
            case WRONG_NAME ->
                assertThat(body.path("name").asText())
                        .isNotEqualTo(name)
                        .isEqualTo(body.path("_id").asText());
            default -> assertThat(body.path("name").asText()).isEqualTo(name);
        }
    }

    @Test
    void names_byRule_haveDifferentBodiesAndTheMixOfStates() {
        try (EmbeddedRegistry ruled =
                EmbeddedRegistry.builder().names(5_000).seed(2).start()) {
            Set<NameState> states = new HashSet<>();
            Set<Integer> bodies = new HashSet<>();
            int present = 0;
            for (String name : ruled.names()) {
                NameState state = ruled.state(name).orElseThrow();
                states.add(state);
                if (state == NameState.PRESENT && present < 400) {
                    present++;
                    bodies.add(Arrays.hashCode(ruled.packument(name).orElseThrow()));
                }
            }
            assertThat(bodies).hasSize(present);
            assertThat(states)
                    .containsExactlyInAnyOrder(
                            NameState.PRESENT, NameState.NOT_FOUND, NameState.UNPUBLISHED, NameState.SECURITY_HOLDER);
        }
    }

    @Test
    void giant_anyEncoding_hasTheRequestedSize() throws Exception {
        try (EmbeddedRegistry big =
                EmbeddedRegistry.builder().names("a").giant("giant", 9_000_000).start()) {
            byte[] plain = Client.get(big, "/giant").body();
            assertThat(plain)
                    .hasSize(9_000_000)
                    .isEqualTo(big.packument("giant").orElseThrow());
            JsonNode body = Client.parse(plain);
            assertThat(body.path("name").asText()).isEqualTo("giant");
            assertThat(body.path("versions")
                            .has(body.path("dist-tags").path("latest").asText()))
                    .isTrue();
            byte[] gzip = Client.get(big, "/giant", "accept-encoding", "gzip").body();
            assertThat(gzip.length).isLessThan(2_000_000);
            assertThat(Client.gunzip(gzip)).isEqualTo(plain);
            assertThat(Client.json(big, "/giant", "accept", ABBREVIATED)
                            .path("versions")
                            .size())
                    .isEqualTo(body.path("versions").size());
            big.publish("giant");
            assertThat(Client.gunzip(
                            Client.get(big, "/giant", "accept-encoding", "gzip").body()))
                    .isEqualTo(big.packument("giant").orElseThrow());
        }
    }

    @Test
    void token_missingOrWrong_is401() throws Exception {
        try (EmbeddedRegistry closed =
                EmbeddedRegistry.builder().names("a").token("s3cret").start()) {
            for (String path : List.of("/", "/_all_docs", "/_changes", "/a")) {
                assertThat(Client.get(closed, path).statusCode()).isEqualTo(401);
                assertThat(Client.get(closed, path, "authorization", "Bearer other")
                                .statusCode())
                        .isEqualTo(401);
                assertThat(Client.get(closed, path, "authorization", "Bearer s3cret")
                                .statusCode())
                        .isEqualTo(200);
            }
        }
    }
}
