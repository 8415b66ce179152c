package io.alldocs.cache.entry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.cache.Heads;
import io.alldocs.cache.internal.body.Integrity;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class EntryMetadataTest {

    @Property(tries = 300)
    void toAsciiJson_anyHead_comesBackFromAHeader(@ForAll("heads") EntryMetadata head) {
        String json = head.toAsciiJson();
        assertThat(json)
                .matches("\\p{ASCII}*")
                .doesNotContain("  ")
                .doesNotContain("\n")
                .isEqualTo(json.trim());
        assertThat(EntryMetadata.parse(json)).isEqualTo(head);
    }

    @Property(tries = 300)
    void toJson_anyHead_comesBack(@ForAll("heads") EntryMetadata head) {
        String json = head.toJson();
        assertThat(EntryMetadata.parse(json)).isEqualTo(head);
        assertThat(json).doesNotContain("\n").doesNotContain("\r");
        assertThat(head.toBuilder().build()).isEqualTo(head);
    }

    @Provide
    Arbitrary<EntryMetadata> heads() {
        return Heads.any();
    }

    @Test
    void toJson_typicalHead_isSmall() {
        EntryMetadata head = EntryMetadata.builder()
                .status(200)
                .headers(Map.of(
                        "ETag",
                        List.of("\"0123456789abcdef0123456789abcdef\""),
                        "Cache-Control",
                        List.of("public, max-age=300"),
                        "Content-Type",
                        List.of("application/json"),
                        "Last-Modified",
                        List.of("Thu, 01 Jan 2026 10:00:00 GMT"),
                        "Server",
                        List.of("cloudflare")))
                .form("full")
                .outcome("ok")
                .rev("1-0123456789abcdef0123456789abcdef")
                .body("gzip", 8192, Integrity.sriOf(new byte[1]))
                .storedAt(Instant.parse("2026-01-01T00:00:00.123456789Z"))
                .url(URI.create("https://registry.npmjs.com/express"))
                .build();
        assertThat(head.toJson()).hasSizeLessThan(500).startsWith("{\"status\":200,\"form\":\"full\"");
        assertThat(EntryMetadata.parse(head.toJson()).storedAt()).isEqualTo(Instant.parse("2026-01-01T00:00:00.123Z"));
    }

    @Test
    void parse_unknownMembers_arePassedOver() {
        EntryMetadata head = EntryMetadata.parse(
                "{\"future\":{\"a\":[1,{\"b\":2}]},\"status\":200,\"size\":5,\"storedAt\":1000,\"more\":[[]],\"headers\":{\"etag\":\"x\",\"odd\":{\"y\":1},\"n\":5},\"form\":null}");
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.headers()).isEqualTo(Map.of("etag", "x", "n", "5"));
        assertThat(head.form()).isNull();
        assertThat(head.validatedAt()).isEqualTo(Instant.ofEpochMilli(1000));
    }

    @Test
    void parse_whatIsNoHead_isRefused() {
        for (String bad : List.of(
                "",
                " ",
                "null",
                "[]",
                "\"x\"",
                "{}",
                "{\"size\":1}",
                "{\"storedAt\":1}",
                "{\"size\":-1,\"storedAt\":1}",
                "{\"size\":\"1\",\"storedAt\":1}",
                "{\"size\":1,\"storedAt\":1",
                "{\"size\":1,\"storedAt\":1}}",
                "{\"size\":1,\"storedAt\":1}{}",
                "{\"size\":1,\"storedAt\":1,\"form\":5}",
                "{\"size\":1,\"storedAt\":1,\"headers\":[]}",
                "{\"size\":1,\"storedAt\":99999999999999999999}",
                "{\"size\":1,\"storedAt\":1,\"lifetime\":-1}",
                "{\"size\":1,\"storedAt\":1,\"status\":1.5e300}",
                "{\"size\":1,\"storedAt\":9223372036854775807,\"lifetime\":true}")) {
            assertThatThrownBy(() -> EntryMetadata.parse(bad)).as(bad).isInstanceOf(IntegrityException.class);
        }
    }

    @Test
    void isBare_onlyWithoutAnyKnowledge() {
        EntryMetadata bare = EntryMetadata.bare(5, "sha256-x", Instant.EPOCH.plusMillis(5));
        assertThat(bare.isBare()).isTrue();
        assertThat(EntryMetadata.parse(bare.toJson())).isEqualTo(bare);
        assertThat(bare.toBuilder().status(200).build().isBare()).isFalse();
        assertThat(bare.toBuilder().form("full").build().isBare()).isFalse();
        assertThat(bare.toBuilder()
                        .validatedAt(Instant.EPOCH.plusMillis(6))
                        .build()
                        .isBare())
                .isFalse();
        assertThat(bare.toBuilder().body("gzip", 5, null).build().isBare()).isFalse();
    }

    @Test
    void headers_ofAnAnswer_keepOnlyWhatACacheNeeds() {
        Map<String, List<String>> answer = new LinkedHashMap<>();
        answer.put(null, List.of("HTTP/1.1 200 OK"));
        answer.put("ETag", List.of("\"1\""));
        answer.put("Cache-Control", List.of("public", "max-age=300"));
        answer.put("VARY", List.of("accept"));
        for (String secret : List.of(
                "Set-Cookie",
                "Set-Cookie2",
                "Authorization",
                "Proxy-Authenticate",
                "WWW-Authenticate",
                "Cookie",
                "X-Auth-Token",
                "Connection",
                "Keep-Alive",
                "Transfer-Encoding",
                "TE",
                "Trailer",
                "Upgrade",
                "cf-ray")) {
            answer.put(secret, List.of("t0ken"));
        }
        answer.put("Link", List.of("x".repeat(10_000)));
        EntryMetadata head = EntryMetadata.builder().headers(answer).build();
        assertThat(head.headers())
                .isEqualTo(Map.of("etag", "\"1\"", "cache-control", "public, max-age=300", "vary", "accept"));
        assertThat(head.header("etag")).contains("\"1\"");
        assertThat(head.toJson()).doesNotContain("t0ken");
    }

    @Test
    void url_withSecrets_losesThem() {
        for (String secret : List.of(
                "https://user:t0ken@registry.example.com/npm/express",
                "https://t0ken@registry.example.com/npm/express",
                "https://registry.example.com/npm/express?token=t0ken&write=true",
                "https://registry.example.com/npm/express?a=b&access_token=t0ken#t0ken")) {
            EntryMetadata head = EntryMetadata.builder().url(URI.create(secret)).build();
            assertThat(head.url()).startsWith("https://registry.example.com/npm/express");
            assertThat(head.toJson()).doesNotContain("t0ken");
        }
        assertThat(EntryMetadata.builder()
                        .url(URI.create("https://r.example/_all_docs?startkey=%22a%22&limit=5"))
                        .build()
                        .url())
                .isEqualTo("https://r.example/_all_docs?startkey&limit");
    }

    @Test
    void build_impossibleHeads_areRefusedOrMended() {
        assertThatThrownBy(() -> EntryMetadata.builder().body(null, -1, null).build())
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() ->
                        EntryMetadata.builder().lifetime(Duration.ofSeconds(-1)).build())
                .isInstanceOf(IllegalArgumentException.class);
        Instant stored = Instant.parse("2026-01-01T00:00:00Z");
        assertThat(EntryMetadata.builder()
                        .storedAt(stored)
                        .validatedAt(stored.minusSeconds(5))
                        .build()
                        .validatedAt())
                .isEqualTo(stored);
    }
}
