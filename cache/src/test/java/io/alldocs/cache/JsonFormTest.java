package io.alldocs.cache;

import static io.alldocs.cache.Samples.gzip;
import static io.alldocs.cache.Samples.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.internal.body.Integrity;
import io.alldocs.cache.internal.json.Json;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JsonFormTest {
    private static final Instant WRITTEN = Instant.parse("2026-01-01T00:00:00Z");

    /** Digest of {"a":1}, computed with sha256sum. */
    private static final String DIGEST = "sha256-AVq9f1zFei3ZS3WQ8ErYCEJzkF7jPsXOvq5iJ2qX+GI=";

    private static Optional<Stored> decode(String value) {
        return JsonForm.decode(utf8(value), WRITTEN);
    }

    private static String entry(String body, String integrity) {
        return "{\"statusCode\":200,\"headers\":{\"etag\":\"\\\"1\\\"\",\"X-Other\":\"y\"},\"body\":" + body
                + ",\"integrity\":" + integrity + ",\"timestamp\":1767225600123,\"version\":1}";
    }

    @Test
    void decode_asJavaScriptWrites_isTheEntry() throws IOException {
        Stored stored = decode(entry("{\"a\":1}", '"' + DIGEST + '"')).orElseThrow();
        assertThat(stored.body().toByteArray()).isEqualTo(utf8("{\"a\":1}"));
        EntryMetadata head = stored.head();
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.headers()).containsOnlyKeys("etag");
        assertThat(head.integrity()).isEqualTo(DIGEST);
        assertThat(head.sizeBytes()).isEqualTo(7);
        assertThat(head.storedAt()).isEqualTo(Instant.ofEpochMilli(1767225600123L));
        assertThat(head.form()).isNull();
    }

    @Test
    void decode_otherOrderAndWhiteSpaceAndMoreMembers_isTheEntry() throws IOException {
        String value = "{ \"version\" : 2,\n \"extra\": [1], \"integrity\": \"" + DIGEST
                + "\", \"body\" : { \"a\" : 1 } ,\n \"statusCode\" : 404 }";
        Stored stored = decode(value).orElseThrow();
        assertThat(stored.body().toByteArray()).isEqualTo(utf8("{ \"a\" : 1 }"));
        assertThat(stored.head().status()).isEqualTo(404);
        assertThat(stored.head().storedAt()).isEqualTo(WRITTEN);
    }

    @Test
    void decode_everyKindOfBody_isCutOutExactly() throws IOException {
        for (String body : List.of(
                "{}",
                "[]",
                "[1,[2,{\"x\":\"}\"}]]",
                "\"text \\\" }\"",
                "12",
                "-1.5e3",
                "true",
                "false",
                "\"é\uD83E\uDD84\"",
                "{\"body\":{\"a\":\"],\"}}")) {
            String digest = Integrity.sriOf(utf8(body));
            assertThat(decode(entry(body, '"' + digest + '"'))
                            .orElseThrow()
                            .body()
                            .toByteArray())
                    .as(body)
                    .isEqualTo(utf8(body));
        }
        assertThat(decode(entry("null", "null")).orElseThrow().body().sizeBytes())
                .isZero();
    }

    @Test
    void decode_bodyThatDoesNotFit_isRefused() {
        assertThatThrownBy(() -> decode(entry("{\"a\":2}", '"' + DIGEST + '"'))).isInstanceOf(IntegrityException.class);
        assertThatThrownBy(() -> decode(entry("{\"a\":1}", "\"md5-x\""))).isInstanceOf(IntegrityException.class);
    }

    @Test
    void decode_otherValues_areNoEntries() {
        for (String other : List.of(
                "",
                "{}",
                "[]",
                "1",
                "{\"a\":1}",
                "{\"statusCode\":200,\"body\":{}}",
                "{\"body\":{},\"version\":1}",
                "{\"statusCode\":200,\"version\":1}",
                "{\"statusCode\":\"200\",\"body\":{},\"version\":1}",
                entry("{}", "null") + "x",
                entry("{}", "null").substring(1),
                "<html>",
                "{\"statusCode\":200,\"headers\":[],\"body\":{},\"version\":1}")) {
            assertThat(decode(other)).as(other).isEmpty();
        }
    }

    @Test
    void encode_realPackuments_areReadWithTheirWholeHead() throws IOException {
        for (String name : Samples.PACKUMENTS) {
            byte[] wire = Samples.packument(name);
            EntryMetadata head = Samples.head(200, "ETag", "\"é\"")
                    .outcome("ok")
                    .rev("1-a")
                    .lifetime(Duration.ofMinutes(5))
                    .body("gzip", wire.length, Integrity.sriOf(wire))
                    .storedAt(WRITTEN)
                    .validatedAt(WRITTEN.plusSeconds(5))
                    .build();
            byte[] value = JsonForm.encode(head, Body.of(wire), Long.MAX_VALUE).orElseThrow();
            JsonNode expected = Json.MAPPER.readTree(Samples.gunzip(wire));
            JsonNode json = Json.MAPPER.readTree(value);
            assertThat(json.path("body")).isEqualTo(expected);
            assertThat(json.path("headers").path("etag").asText()).isEqualTo("\"é\"");
            Stored stored = JsonForm.decode(value, Instant.EPOCH).orElseThrow();
            EntryMetadata read = stored.head();
            assertThat(read.toBuilder()
                            .body("gzip", wire.length, head.integrity())
                            .build())
                    .isEqualTo(head);
            assertThat(read.encoding()).isNull();
            assertThat(Json.MAPPER.readTree(stored.body().toByteArray())).isEqualTo(expected);
            assertThat(read.integrity()).isEqualTo(Integrity.sriOf(stored.body().toByteArray()));
        }
    }

    @Test
    void encode_numbersAndText_areKeptAsTheyAre() throws IOException {
        String body = "{\"n\":[1.10,1e400,123456789012345678901234567890,-0],\"s\":\"\\u001f/é\\\"\"}";
        byte[] value = JsonForm.encode(EntryMetadata.builder().status(200).build(), Body.of(utf8(body)), Long.MAX_VALUE)
                .orElseThrow();
        Stored stored = JsonForm.decode(value, WRITTEN).orElseThrow();
        assertThat(new String(stored.body().toByteArray(), java.nio.charset.StandardCharsets.UTF_8))
                .contains("123456789012345678901234567890")
                .contains("1.10")
                .contains("/é");
    }

    @Test
    void encode_whatIsNoJson_isRefused() {
        for (String bad : List.of("<html>", "{", "{}{}", "{} x", " ")) {
            assertThat(JsonForm.encode(EntryMetadata.builder().build(), Body.of(utf8(bad)), Long.MAX_VALUE))
                    .as(bad)
                    .isEmpty();
        }
        EntryMetadata gzip = EntryMetadata.builder().body("gzip", 1, null).build();
        assertThat(JsonForm.encode(gzip, Body.of(gzip(utf8("{}"))), Long.MAX_VALUE))
                .isPresent();
    }
}
