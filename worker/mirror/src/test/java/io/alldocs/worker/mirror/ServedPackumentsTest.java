package io.alldocs.worker.mirror;

import static io.alldocs.worker.mirror.Bench.ABBREVIATED;
import static io.alldocs.worker.mirror.Bench.INSTALLER;
import static io.alldocs.worker.mirror.Bench.header;
import static io.alldocs.worker.mirror.Bench.json;
import static io.alldocs.worker.mirror.Bench.packument;
import static io.alldocs.worker.mirror.Bench.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.alldocs.cache.CacheKey;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the responses for a package, from a cache alone. */
@Timeout(120)
class ServedPackumentsTest {
    private final Bench bench = new Bench();

    @AfterEach
    void close() {
        bench.close();
    }

    @Test
    void fullForm_isSentAsItIsStored() {
        byte[] stored = RealPackuments.gzip("express");
        bench.store("express", stored);

        HttpResponse<byte[]> response = bench.get("/express", "accept-encoding", "gzip");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(header(response, "content-type")).isEqualTo("application/json");
        assertThat(header(response, "content-encoding")).isEqualTo("gzip");
        assertThat(header(response, "content-length")).isEqualTo(Integer.toString(stored.length));
        assertThat(header(response, "vary")).isEqualTo("accept, accept-encoding");
        assertThat(header(response, "cache-control")).isEqualTo("public, max-age=300");
        assertThat(header(response, "last-modified")).isEqualTo("Wed, 11 Nov 2026 11:11:11 GMT");
        assertThat(response.body()).isEqualTo(stored);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "none", textBlock = """
            none                      | false
            identity                  | false
            gzip                      | true
            x-gzip                    | true
            br, gzip;q=0.5, *;q=0     | true
            gzip;q=0, identity        | false
            gzip;q=0.000, *           | false
            br, deflate               | false
            *                         | true
            GZIP ; Q=0.1              | true
            """)
    void gzip_isSentToThoseWhoTakeIt(String acceptEncoding, boolean gzip) {
        bench.store("express", RealPackuments.gzip("express"));

        HttpResponse<byte[]> response = acceptEncoding == null
                ? bench.get("/express")
                : bench.get("/express", "accept-encoding", acceptEncoding);

        assertThat(header(response, "content-encoding")).isEqualTo(gzip ? "gzip" : "");
        byte[] document = gzip ? RealPackuments.gunzip(response.body()) : response.body();
        assertThat(document).isEqualTo(RealPackuments.json("express"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "none", textBlock = """
            none                                                                               | false
            */*                                                                                | false
            application/json                                                                   | false
            application/vnd.npm.install-v1+json                                                | true
            application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*           | true
            application/json; q=0.8, application/vnd.npm.install-v1+json;q=0.9                 | true
            application/json, application/vnd.npm.install-v1+json                              | true
            application/json; q=1, application/vnd.npm.install-v1+json; q=0.5                  | false
            application/vnd.npm.install-v1+json; q=0, application/json                         | false
            Application/Vnd.npm.install-v1+JSON; charset=utf-8; Q=0.7, text/html               | true
            application/vnd.npm.install-v1+json; q=nonsense, application/json; q=0.1           | false
            text/html                                                                          | false
            """)
    void form_isTheOneAcceptedMoreGladly(String accept, boolean abbreviated) {
        bench.store("express", RealPackuments.gzip("express"));

        HttpResponse<byte[]> response =
                accept == null ? bench.get("/express") : bench.get("/express", "accept", accept);

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(header(response, "content-type")).isEqualTo(abbreviated ? ABBREVIATED : "application/json");
        assertThat(json(response).has("_id")).isEqualTo(!abbreviated);
        assertThat(json(response).path("name").asText()).isEqualTo("express");
    }

    @ParameterizedTest
    @CsvSource({"/@isaacs%2fcliui", "/@isaacs%2Fcliui", "/@isaacs/cliui", "/@isaacs/cliui/", "/%40isaacs%2fcliui"})
    void scopedName_isFoundInEverySpelling(String path) {
        bench.store("@isaacs/cliui", RealPackuments.gzip("@isaacs/cliui"));

        HttpResponse<byte[]> response = bench.get(path);

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(json(response).path("name").asText()).isEqualTo("@isaacs/cliui");
    }

    @Test
    void conditions_thatHold_areAnswered304() {
        bench.store("express", RealPackuments.gzip("express"));
        HttpResponse<byte[]> gzip = bench.get("/express", "accept-encoding", "gzip");
        String tag = header(gzip, "etag");
        assertThat(tag).matches("\"[A-Za-z0-9_-]+\"");

        for (String tags : List.of(tag, "W/" + tag, "\"a\", " + tag + ", \"b\"", "*")) {
            HttpResponse<byte[]> again = bench.get("/express", "accept-encoding", "gzip", "if-none-match", tags);
            assertThat(again.statusCode()).as(tags).isEqualTo(304);
            assertThat(again.body()).isEmpty();
            assertThat(header(again, "etag")).isEqualTo(tag);
            assertThat(header(again, "vary")).isEqualTo("accept, accept-encoding");
            assertThat(header(again, "content-encoding")).isEmpty();
        }
        assertThat(bench.get("/express", "accept-encoding", "gzip", "if-none-match", "\"other\"")
                        .statusCode())
                .isEqualTo(200);
        assertThat(bench.get("/express", "if-modified-since", "Wed, 11 Nov 2026 11:11:11 GMT")
                        .statusCode())
                .isEqualTo(304);
        assertThat(bench.get("/express", "if-modified-since", "Wed, 11 Nov 2026 11:11:10 GMT")
                        .statusCode())
                .isEqualTo(200);
        assertThat(bench.get("/express", "if-modified-since", "yesterday").statusCode())
                .isEqualTo(200);
        // If-None-Match takes precedence over a date that would match (RFC 9110 §13.1.3).
        assertThat(bench.get(
                                "/express",
                                "if-none-match",
                                "\"other\"",
                                "if-modified-since",
                                "Wed, 11 Nov 2026 11:11:11 GMT")
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void tags_differBetweenFormsAndCodings() {
        bench.store("express", RealPackuments.gzip("express"));

        List<String> tags = List.of(
                header(bench.get("/express", "accept-encoding", "gzip"), "etag"),
                header(bench.get("/express"), "etag"),
                header(bench.get("/express", "accept-encoding", "gzip", "accept", INSTALLER), "etag"),
                header(bench.get("/express", "accept", INSTALLER), "etag"));

        assertThat(tags).doesNotHaveDuplicates().doesNotContain("");
    }

    @Test
    void head_isAnsweredAsGetWithoutABody() {
        bench.store("express", RealPackuments.gzip("express"));

        HttpResponse<byte[]> get = bench.get("/express", "accept-encoding", "gzip");
        HttpResponse<byte[]> head = bench.send("HEAD", "/express", "accept-encoding", "gzip");

        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        for (String name : List.of("content-length", "content-type", "content-encoding", "etag", "last-modified")) {
            assertThat(header(head, name)).as(name).isEqualTo(header(get, name)).isNotEmpty();
        }
        assertThat(bench.send("HEAD", "/express").body()).isEmpty();
        assertThat(bench.send("HEAD", "/nothing").statusCode()).isEqualTo(404);
    }

    @Test
    void nameThatIsNotHeld_isAnsweredAsNpmDoes() {
        for (String path : List.of("/nothing", "/@scope%2fnothing", "/@scope", "/..%2fetc", "/a%00b", "/%zz")) {
            HttpResponse<byte[]> response = bench.get(path.equals("/%zz") ? "/%25zz" : path);
            assertThat(response.statusCode()).as(path).isEqualTo(404);
            assertThat(header(response, "content-type")).isEqualTo("application/json");
            assertThat(text(response)).isEqualTo("{\"error\":\"Not found\"}");
        }
    }

    @Test
    void whatTheRegistrySaid_decidesTheStatus() {
        bench.record("missing", 404, "not_found");
        bench.record("illegal", 451, "blocked");
        bench.record("forbidden", 403, "blocked");
        bench.record("refused", 400, "blocked");
        bench.record("broken", 200, "malformed");

        assertThat(bench.get("/missing").statusCode()).isEqualTo(404);
        assertThat(bench.get("/illegal").statusCode()).isEqualTo(451);
        assertThat(bench.get("/illegal", "accept", INSTALLER).statusCode()).isEqualTo(451);
        assertThat(bench.get("/forbidden").statusCode()).isEqualTo(403);
        assertThat(bench.get("/refused").statusCode()).isEqualTo(404);
        assertThat(bench.get("/broken").statusCode()).isEqualTo(502);
    }

    @Test
    void whatWasTakenDown_isNotServedAnyMore() {
        bench.store("pad", packument("pad", "1.0.0"), head -> head.outcome("ok"));
        assertThat(bench.get("/pad", "accept", INSTALLER).statusCode()).isEqualTo(200);

        bench.record("pad", 404, "not_found");
        bench.recheck();

        assertThat(bench.get("/pad").statusCode()).isEqualTo(404);
        assertThat(bench.get("/pad", "accept", INSTALLER).statusCode()).isEqualTo(404);
        assertThat(bench.get("/pad/1.0.0").statusCode()).isEqualTo(404);
    }

    @Test
    void lastGoodDocument_isServedForOneThatCannotBeRead() {
        bench.store("pad", packument("pad", "1.0.0"), head -> head.outcome("ok"));
        bench.record("pad", 200, "malformed");

        assertThat(json(bench.get("/pad")).path("versions").has("1.0.0")).isTrue();
        assertThat(json(bench.get("/pad", "accept", INSTALLER)).path("versions").has("1.0.0"))
                .isTrue();
    }

    @Test
    void stubOfAnUnpublishedPackage_isServed() {
        String stub = "{\"_id\":\"pad\",\"name\":\"pad\",\"time\":{\"modified\":\"2026-01-01T00:00:00.000Z\","
                + "\"unpublished\":{\"time\":\"2026-01-01T00:00:00.000Z\",\"versions\":[\"1.0.0\"]}}}";
        bench.store("pad", stub, head -> head.outcome("unpublished"));

        assertThat(json(bench.get("/pad")).path("time").has("unpublished")).isTrue();
        JsonNode abbreviated = json(bench.get("/pad", "accept", INSTALLER));
        assertThat(abbreviated.path("name").asText()).isEqualTo("pad");
        assertThat(abbreviated.has("versions")).isFalse();
    }

    @Test
    void abbreviatedForm_isMadeOnce_howeverManyAsk() throws Exception {
        bench.store("express", RealPackuments.gzip("express"));
        CountDownLatch together = new CountDownLatch(1);
        ExecutorService clients = Executors.newFixedThreadPool(24);
        List<Future<HttpResponse<byte[]>>> answers = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            String[] headers = {"accept", INSTALLER, "accept-encoding", i % 2 == 0 ? "gzip" : "identity"};
            answers.add(clients.submit(() -> {
                together.await();
                return bench.get("/express", headers);
            }));
        }
        together.countDown();

        JsonNode expected = json(bench.get("/express", "accept", INSTALLER));
        for (Future<HttpResponse<byte[]>> answer : answers) {
            assertThat(json(answer.get())).isEqualTo(expected);
        }
        clients.shutdownNow();
        assertThat(bench.metric("abbreviated_derived_total")).isEqualTo(1);
        assertThat(bench.cache.head(CacheKey.abbreviated(bench.registry, "express")))
                .hasValueSatisfying(head -> {
                    assertThat(head.outcome()).isEqualTo("ok");
                    assertThat(head.encoding()).isEqualTo("gzip");
                    assertThat(head.header("content-type")).hasValue(ABBREVIATED);
                });

        try (MirrorServer second = MirrorServer.builder()
                .cache(bench.cache)
                .registry(bench.registry)
                .start()) {
            HttpResponse<String> again = bench.client.send(
                    java.net.http.HttpRequest.newBuilder(URI.create(second.address() + "/express"))
                            .header("accept", INSTALLER)
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(Bench.JSON.readTree(again.body())).isEqualTo(expected);
            assertThat(Bench.sample(second, "abbreviated_derived_total")).isZero();
        }
    }

    @Test
    void abbreviatedForm_isDerivedAgain_whenTheFullOneChanged() {
        bench.store("pad", packument("pad", "1.0.0"), head -> head.outcome("ok"));
        String before = header(bench.get("/pad", "accept", INSTALLER), "etag");

        bench.store("pad", packument("pad", "1.0.0", "1.1.0"), head -> head.outcome("ok"));
        bench.recheck();
        HttpResponse<byte[]> after = bench.get("/pad", "accept", INSTALLER);

        assertThat(json(after).path("versions").has("1.1.0")).isTrue();
        assertThat(header(after, "etag")).isNotEqualTo(before);
        assertThat(bench.metric("abbreviated_derived_total")).isEqualTo(2);
    }

    @Test
    void abbreviatedFormFromTheRegistry_countsUntilTheFullOneIsNewer() {
        bench.store("pad", packument("pad", "1.0.0"), head -> head.outcome("ok"));
        bench.clock.advance(Duration.ofHours(1));
        bench.storeAbbreviated("pad", "{\"name\":\"pad\",\"versions\":{\"2.0.0\":{}},\"from\":\"registry\"}");

        assertThat(json(bench.get("/pad", "accept", INSTALLER)).path("from").asText())
                .isEqualTo("registry");
        assertThat(bench.metric("abbreviated_derived_total")).isZero();

        bench.clock.advance(Duration.ofHours(1));
        bench.store("pad", packument("pad", "3.0.0"), head -> head.outcome("ok"));
        bench.recheck();

        assertThat(json(bench.get("/pad", "accept", INSTALLER)).path("versions").has("3.0.0"))
                .isTrue();
    }

    @Test
    void whatAnotherProcessStores_isServedAfterAWhile() {
        bench.store("pad", packument("pad", "1.0.0"), head -> head.outcome("ok"));
        assertThat(json(bench.get("/pad", "accept-encoding", "gzip"))
                        .path("versions")
                        .size())
                .isEqualTo(1);

        bench.store("pad", packument("pad", "1.0.0", "1.1.0"), head -> head.outcome("ok"));
        assertThat(json(bench.get("/pad", "accept-encoding", "gzip"))
                        .path("versions")
                        .size())
                .isEqualTo(1);
        bench.recheck();
        assertThat(json(bench.get("/pad", "accept-encoding", "gzip"))
                        .path("versions")
                        .size())
                .isEqualTo(2);
    }

    @Test
    void frequentResponses_areComparedWithoutAWait() {
        bench.store("pad", packument("pad", "1.0.0"), head -> head.outcome("ok"));
        byte[] before = bench.get("/pad", "accept-encoding", "gzip").body();
        bench.store("pad", packument("pad", "1.0.0", "1.1.0"), head -> head.outcome("ok"));

        bench.nanos.addAndGet(Duration.ofSeconds(2).toNanos());
        assertThat(bench.get("/pad", "accept-encoding", "gzip").body()).isEqualTo(before);
        byte[] after = before;
        while (Arrays.equals(after, before)) { // the class's timeout limits this loop
            after = bench.get("/pad", "accept-encoding", "gzip").body();
        }
        assertThat(new String(RealPackuments.gunzip(after), StandardCharsets.UTF_8))
                .contains("1.1.0");
        assertThat(bench.metric("memory_misses_total")).isEqualTo(2);
    }

    @Test
    void whatDidNotChange_isNotReadAgain() {
        bench.store("express", RealPackuments.gzip("express"));
        byte[] first = bench.get("/express", "accept-encoding", "gzip").body();
        long used = bench.metric("memory_bytes");

        for (int i = 0; i < 5; i++) {
            bench.recheck();
            assertThat(bench.get("/express", "accept-encoding", "gzip").body()).isEqualTo(first);
        }

        assertThat(bench.metric("memory_misses_total")).isEqualTo(6);
        assertThat(bench.metric("memory_bytes")).isEqualTo(used);
    }

    @Test
    void versionsAndTags_areCutOutOfTheDocument() {
        bench.store("express", RealPackuments.gzip("express"));
        bench.store("@isaacs/cliui", RealPackuments.gzip("@isaacs/cliui"));
        JsonNode whole = json(bench.get("/express"));
        String latest = whole.path("dist-tags").path("latest").asText();

        assertThat(json(bench.get("/express/latest")))
                .isEqualTo(whole.path("versions").path(latest));
        assertThat(json(bench.get("/express/4.17.1")))
                .isEqualTo(whole.path("versions").path("4.17.1"));
        assertThat(json(bench.get("/@isaacs/cliui/latest")).path("name").asText())
                .isEqualTo("@isaacs/cliui");
        assertThat(json(bench.get("/@isaacs%2fcliui/latest")).path("name").asText())
                .isEqualTo("@isaacs/cliui");
        assertThat(json(bench.get("/-/package/express/dist-tags"))).isEqualTo(whole.path("dist-tags"));
        assertThat(json(bench.get("/-/package/@isaacs%2fcliui/dist-tags")).has("latest"))
                .isTrue();

        HttpResponse<byte[]> unknown = bench.get("/express/99.0.0");
        assertThat(unknown.statusCode()).isEqualTo(404);
        assertThat(text(unknown)).isEqualTo("{\"error\":\"version not found: 99.0.0\"}");
        assertThat(bench.get("/nothing/1.0.0").statusCode()).isEqualTo(404);
        assertThat(bench.get("/-/package/nothing/dist-tags").statusCode()).isEqualTo(404);
    }

    @Test
    void otherAddresses_areAnsweredWithoutFiveHundreds() {
        assertThat(text(bench.get("/-/ping"))).isEqualTo("{}");
        assertThat(text(bench.get("/-/ping?write=true"))).isEqualTo("{}");
        assertThat(json(bench.get("/-/health")).path("status").asText()).isEqualTo("ok");
        assertThat(json(bench.get("/")).path("db_name").asText()).isEqualTo("registry");
        assertThat(bench.get("/-/v1/search?text=x").statusCode()).isEqualTo(404);
        assertThat(json(bench.get("/-/v1/search?text=x")).path("error").asText())
                .isEqualTo("This mirror does not support search");
        assertThat(bench.get("/-/whoami").statusCode()).isEqualTo(404);
        for (String method : List.of("PUT", "POST", "DELETE", "PATCH", "OPTIONS")) {
            HttpResponse<byte[]> response = bench.send(method, "/express");
            assertThat(response.statusCode()).as(method).isEqualTo(405);
            assertThat(header(response, "allow")).isEqualTo("GET, HEAD");
        }
    }

    @Test
    void damagedDocument_isNotServed_andFetchedAgainIfPossible() throws Exception {
        bench.store("express", RealPackuments.gzip("express"));
        JsonNode expected = json(bench.get("/express", "accept", INSTALLER));
        damage(CacheKey.abbreviated(bench.registry, "express"));
        bench.recheck();

        // The head did not change, so nothing is read again until another variant is requested.
        assertThat(json(bench.get("/express", "accept", INSTALLER, "accept-encoding", "gzip")))
                .isEqualTo(expected);
        assertThat(bench.metric("abbreviated_derived_total")).isEqualTo(2);

        bench.store("pad", packument("pad", "1.0.0"), head -> head.outcome("ok"));
        damage(CacheKey.packument(bench.registry, "pad"));
        HttpResponse<byte[]> refused = bench.get("/pad");
        assertThat(refused.statusCode()).isEqualTo(500);
        assertThat(text(refused)).isEqualTo("{\"error\":\"The stored document is damaged\"}");
    }

    private void damage(CacheKey key) {
        var driver = bench.cache.driver();
        var stored = driver.get(key.toString()).orElseThrow();
        byte[] other = new byte[(int) stored.head().sizeBytes()];
        driver.put(key.toString(), stored.head(), io.alldocs.cache.body.Body.of(other));
    }

    @Test
    void tarballs_areRewrittenByOption() throws Exception {
        try (Bench rewriting = new Bench(
                URI.create("https://registry.example/npm"),
                new io.alldocs.cache.MemoryStorageDriver(),
                builder -> builder.rewriteTarballs(URI.create("http://files.example/t/")))) {
            String document = packument("pad", "1.0.0").replace("registry.example/pad", "registry.example/npm/pad");
            rewriting.store("pad", document, head -> head.outcome("ok"));
            bench.store("pad", document, head -> head.outcome("ok"));

            for (String accept : List.of("application/json", INSTALLER)) {
                HttpResponse<byte[]> gzip = rewriting.get("/pad", "accept", accept, "accept-encoding", "gzip");
                assertThat(header(gzip, "content-encoding")).isEqualTo("gzip");
                for (HttpResponse<byte[]> response : List.of(gzip, rewriting.get("/pad", "accept", accept))) {
                    assertThat(json(response).at("/versions/1.0.0/dist/tarball").asText())
                            .isEqualTo("http://files.example/t/pad/-/pad-1.0.0.tgz");
                }
                assertThat(header(gzip, "etag"))
                        .isNotEqualTo(header(bench.get("/pad", "accept", accept, "accept-encoding", "gzip"), "etag"));
                assertThat(rewriting
                                .get(
                                        "/pad",
                                        "accept",
                                        accept,
                                        "accept-encoding",
                                        "gzip",
                                        "if-none-match",
                                        header(gzip, "etag"))
                                .statusCode())
                        .isEqualTo(304);
            }
            assertThat(json(rewriting.get("/pad/latest")).at("/dist/tarball").asText())
                    .isEqualTo("http://files.example/t/pad/-/pad-1.0.0.tgz");
            assertThat(json(bench.get("/pad"))
                            .at("/versions/1.0.0/dist/tarball")
                            .asText())
                    .isEqualTo("https://registry.example/npm/pad/-/pad-1.0.0.tgz");
        }
    }
}
