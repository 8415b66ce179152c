package io.alldocs.worker.mirror;

import static io.alldocs.worker.mirror.Bench.ABBREVIATED;
import static io.alldocs.worker.mirror.Bench.header;
import static io.alldocs.worker.mirror.Bench.packument;
import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.MemoryStorageDriver;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests requests as other proxies and clients write them, byte for byte. */
@Timeout(120)
class RequestsTest {
    private final Bench bench =
            new Bench(URI.create("https://registry.npmjs.com"), new MemoryStorageDriver(), builder -> builder);

    RequestsTest() {
        for (String name : List.of("alpha", "@acme/tool")) {
            bench.store(
                    name,
                    packument(name, "1.0.0"),
                    head -> head.outcome("ok")
                            .headers(Map.of("last-modified", List.of("Mon, 01 Jan 2024 00:00:00 GMT"))));
        }
    }

    @AfterEach
    void close() {
        bench.close();
    }

    @ParameterizedTest
    @CsvSource({
        "two-accept-lines, 200, application/vnd.npm.install-v1+json, alpha",
        "accept-lines-with-weights, 200, application/json, alpha",
        "escaped-scope, 200, application/json, @acme/tool",
        "escaped-scope-and-slash, 200, application/json, @acme/tool",
        "escaped-scope-version, 200, application/json, @acme/tool",
        "two-none-match-lines, 304,,",
        "none-match-list, 304,,",
        "modified-since-rfc850, 304,,",
    })
    void request_ofTheTable_isAnsweredAsItSays(String file, int status, String type, String name) throws IOException {
        RawClient.Answer answer = ask(resource(file + ".request"));

        assertThat(answer.status()).isEqualTo(status);
        if (type != null) {
            assertThat(answer.has("content-type: " + type)).isTrue();
            assertThat(Bench.JSON.readTree(answer.text()).path("name").asText()).isEqualTo(name);
            assertThat(Bench.JSON.readTree(answer.text()).path("version").asText())
                    .isEqualTo(file.equals("escaped-scope-version") ? "1.0.0" : "");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Mon, 01 Jan 2024 00:00:00 GMT",
                "Monday, 01-Jan-24 00:00:00 GMT",
                "Mon Jan  1 00:00:00 2024",
                "Tue, 02 Jan 2024 00:00:00 GMT",
                "Tuesday, 02-Jan-24 00:00:00 GMT",
                "Tue Jan  2 00:00:00 2024"
            })
    void modifiedSince_inEachForm_isUnderstood(String date) {
        assertThat(bench.get("/alpha", "if-modified-since", date).statusCode()).isEqualTo(304);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Sunday, 31-Dec-23 00:00:00 GMT", "Sun Dec 31 00:00:00 2023", "yesterday", "2024-01-01"})
    void modifiedSince_beforeTheChange_orNoDate_isIgnored(String date) {
        assertThat(bench.get("/alpha", "if-modified-since", date).statusCode()).isEqualTo(200);
    }

    @Test
    void linesOfAField_areOneListInTheirOrder() throws IOException {
        assertThat(get("accept: text/plain", "accept: text/html", "accept: " + ABBREVIATED)
                        .has("content-type: " + ABBREVIATED))
                .isTrue();
        assertThat(get("accept-encoding: br", "accept-encoding: gzip").has("content-encoding: gzip"))
                .isTrue();
        assertThat(get("if-none-match: W/\"a\"", "if-none-match: \"b\"", "if-none-match: W/" + tag())
                        .status())
                .isEqualTo(304);
        assertThat(get("if-none-match: \"a\"", "if-none-match: \"b\"").status()).isEqualTo(200);
    }

    private RawClient.Answer get(String... lines) throws IOException {
        return ask("GET /alpha HTTP/1.1\r\n" + String.join("\r\n", lines) + "\r\nconnection: close\r\n\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/%40acme%2Ftool",
                "/@acme%2Ftool",
                "/@acme/tool",
                "/%40acme/tool/",
                "/%40%61cme/t%6F%6fl",
                "/%40acme/tool/latest",
                "/%40acme%2ftool/1.0.0",
                "/%40acme%2ftool/%31.0.0",
                "/-/package/%40acme%2Ftool/dist-tags",
                "/-/package/%40acme/tool/dist-tags",
                "/%40acme/tool/-/tool-1.0.0.tgz",
                "/%40acme%2Ftool/%2D/tool%2D1.0.0.tgz"
            })
    void percentEncodedName_isTheName(String path) {
        assertThat(bench.get(path).statusCode()).isIn(200, 302);
    }

    private String tag() {
        return header(bench.get("/alpha"), "etag");
    }

    private RawClient.Answer ask(String request) throws IOException {
        try (RawClient client = new RawClient(bench.mirror.address())) {
            return client.send(request.replace("@TAG@", tag())).answer();
        }
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = RequestsTest.class.getResourceAsStream("requests/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }
}
