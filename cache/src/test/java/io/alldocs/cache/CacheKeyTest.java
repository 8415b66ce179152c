package io.alldocs.cache;

import static io.alldocs.cache.Samples.REGISTRY;
import static io.alldocs.cache.Samples.REPLICA;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.cache.spi.KeyOrder;
import java.net.URI;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class CacheKeyTest {
    /** Separate, so that the URL with the old ending does not appear in the source. */
    private static final String ORG = "org";

    @Test
    void toString_documentedExamples_haveTheDocumentedForm() {
        assertThat(CacheKey.partition(REPLICA, "express", "express-z"))
                .hasToString("v1:partition:npm:65787072657373:657870726573732d7a");
        assertThat(CacheKey.partition(REPLICA, null, null)).hasToString("v1:partition:npm::");
        assertThat(CacheKey.partition(REPLICA, "a", null)).hasToString("v1:partition:npm:61:");
        assertThat(CacheKey.partition(REPLICA, null, "b")).hasToString("v1:partition:npm::62");
        assertThat(CacheKey.packument(REGISTRY, "express")).hasToString("v1:packument:npm:65787072657373");
        assertThat(CacheKey.abbreviated(REGISTRY, "é")).hasToString("v1:abbreviated:npm:c3a9");
        assertThat(CacheKey.prefix(CacheKey.Kind.PACKUMENT, REGISTRY)).isEqualTo("v1:packument:npm:");
    }

    @Test
    void originPart_npmHosts_areNpm() {
        for (String host : List.of("registry", "replicate", "REGISTRY")) {
            for (String ending : List.of("com", ORG, "COM")) {
                for (String tail : List.of("", "/", ":443", ":443/", ":/")) {
                    assertThat(CacheKey.originPart(URI.create("https://" + host + ".npmjs." + ending + tail)))
                            .isEqualTo("npm");
                }
                assertThat(CacheKey.originPart(URI.create("http://" + host + ".npmjs." + ending + ":80")))
                        .isEqualTo("npm");
            }
        }
        assertThat(CacheKey.originPart(URI.create("https://replicate.npmjs.com/registry")))
                .isEqualTo("npm");
        assertThat(CacheKey.originPart(URI.create("https://replicate.npmjs.com/registry/")))
                .isEqualTo("npm");
    }

    @Test
    void originPart_othersThatLookLikeNpm_areNot() {
        for (String other : List.of(
                "https://npm",
                "https://npm/",
                "https://registry.npmjs.com.example.com",
                "https://registry-npmjs.com",
                "https://registryxnpmjs.com",
                "https://www.npmjs.com",
                "https://skimdb.npmjs.com",
                "https://registry.npmjs.net",
                "https://registry.npmjs.com:8443",
                "http://registry.npmjs.com:443",
                "https://registry.npmjs.com/registry",
                "https://replicate.npmjs.com/other",
                "https://replicate.npmjs.com/registry/registry")) {
            assertThat(CacheKey.originPart(URI.create(other)))
                    .as(other)
                    .isNotEqualTo("npm")
                    .matches("[a-z0-9._~-]+");
        }
    }

    @Test
    void originPart_sameOriginInOtherWords_isTheSame() {
        String part = CacheKey.originPart(URI.create("https://registry.example.com/npm"));
        for (String same : List.of(
                "HTTPS://Registry.Example.COM:443/npm/",
                "https://registry.example.com:/npm",
                "https://registry.example.com:0443/npm",
                "https://user:secret@registry.example.com/npm")) {
            assertThat(CacheKey.originPart(URI.create(same))).as(same).isEqualTo(part);
        }
        for (String other : List.of(
                "http://registry.example.com/npm",
                "https://registry.example.com/NPM",
                "https://registry.example.com/npm//",
                "https://registry.example.com",
                "https://registry.example.com:8443/npm",
                "https://registry.example.com/npm~2f",
                "https://registry.example.com/np/m")) {
            assertThat(CacheKey.originPart(URI.create(other))).as(other).isNotEqualTo(part);
        }
    }

    @Test
    void originPart_hostsWithUnderscoreAndAddresses_work() {
        assertThat(CacheKey.originPart(URI.create("http://couch_db:5984/registry")))
                .isEqualTo("http~3a~2f~2fcouch_db~3a5984~2fregistry");
        assertThat(CacheKey.originPart(URI.create("http://[::1]:5984"))).isEqualTo("http~3a~2f~2f~5b~3a~3a1~5d~3a5984");
        assertThat(CacheKey.originPart(URI.create("http://127.0.0.1:5984/")))
                .isEqualTo("http~3a~2f~2f127.0.0.1~3a5984");
    }

    @Test
    void originPart_whatIsNoOrigin_isRefusedWithoutItsSecrets() {
        for (String bad : List.of(
                "registry.example.com",
                "ftp://t0ken@example.com",
                "mailto:t0ken@example.com",
                "https:///t0ken",
                "https://example.com/?auth=t0ken",
                "https://u:t0ken@example.com/#t0ken",
                "https://example.com/" + "x".repeat(2000) + "?t0ken")) {
            assertThatThrownBy(() -> CacheKey.originPart(URI.create(bad)))
                    .as(bad)
                    .isInstanceOf(IllegalArgumentException.class)
                    .satisfies(e -> assertThat(e.getMessage()).doesNotContain("t0ken"));
        }
        assertThatThrownBy(() -> CacheKey.originPart(URI.create("https://example.com/" + "x".repeat(2000))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1024");
    }

    @Test
    void packument_badNames_areRefusedWithLimits() {
        assertThatThrownBy(() -> CacheKey.packument(REGISTRY, ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("empty");
        assertThatThrownBy(() -> CacheKey.packument(REGISTRY, "x".repeat(10_000_000)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the limit is 1024 bytes")
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(300));
        assertThatThrownBy(() -> CacheKey.packument(REGISTRY, "é".repeat(513)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> CacheKey.packument(REGISTRY, "a\uD83Eb"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("surrogate");
        assertThatThrownBy(() -> CacheKey.packument(REGISTRY, "\uDD84\uD83E"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(CacheKey.packument(REGISTRY, "é".repeat(512)).packageName()).contains("é".repeat(512));
        assertThat(CacheKey.packument(REGISTRY, "../../etc/passwd").toString())
                .isEqualTo("v1:packument:npm:2e2e2f2e2e2f6574632f706173737764");
    }

    @Test
    void partition_badRanges_areRefused() {
        for (List<String> bad : List.of(
                List.of("b", "a"),
                List.of("a", "a"),
                List.of("\uD83E\uDD84", "\uFFFD"),
                List.of("", "a"),
                List.of("a", ""))) {
            assertThatThrownBy(() -> CacheKey.partition(REPLICA, bad.get(0), bad.get(1)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> CacheKey.partition(REPLICA, "b", "a"))
                .hasMessageContaining("\"b\"")
                .hasMessageContaining("\"a\"");
    }

    @Test
    void parse_otherText_isRefused() {
        for (String bad : List.of(
                "",
                "v1",
                "v1:packument:npm",
                "v1:packument:npm:",
                "v1:packument:npm:6",
                "v1:packument:npm:6G",
                "v1:packument:npm:6A",
                "v1:packument:npm:ff",
                "v1:packument:npm:eda0be",
                "v1:packument:NPM:61",
                "v1:packument::61",
                "v1:packument:a/b:61",
                "v1:packument:npm:61:62",
                "v2:packument:npm:61",
                "v1:partition:npm:61",
                "v1:partition:npm:61:62:63",
                "v1:checkpoint:npm:61",
                "V1:packument:npm:61",
                " v1:packument:npm:61",
                "v1:packument:npm:" + "61".repeat(1025))) {
            assertThatThrownBy(() -> CacheKey.parse(bad))
                    .as(bad)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("v1:partition:");
        }
    }

    @Test
    void parse_originShortenedByAnotherWriter_isTakenAsItIs() {
        CacheKey key = CacheKey.parse("v1:packument:http~local~8080:61");
        assertThat(key.origin()).isEqualTo("http~local~8080");
        assertThat(key.originAddress()).isEmpty();
        assertThat(key.packageName()).contains("a");
    }

    @Property(tries = 400)
    void key_anyOriginAndNames_comesBack(
            @ForAll("origins") URI origin, @ForAll("texts") String a, @ForAll("texts") String b) {
        CacheKey packument = CacheKey.packument(origin, a);
        assertThat(CacheKey.parse(packument.toString())).isEqualTo(packument);
        assertThat(packument.packageName()).contains(a);
        assertThat(packument.toString()).matches("[a-z0-9._~:-]+");
        CacheKey parsed = CacheKey.parse(packument.toString());
        assertThat(parsed.kind()).isEqualTo(CacheKey.Kind.PACKUMENT);
        assertThat(CacheKey.originPart(parsed.originAddress().orElseThrow())).isEqualTo(packument.origin());
        if (!a.equals(b)) {
            boolean rises = KeyOrder.UTF8.compare(a, b) < 0;
            CacheKey partition = CacheKey.parse(
                    CacheKey.partition(origin, rises ? a : b, rises ? b : a).toString());
            assertThat(partition.start()).contains(rises ? a : b);
            assertThat(partition.end()).contains(rises ? b : a);
            assertThat(partition.packageName()).isEmpty();
        }
    }

    @Property(tries = 600)
    void key_anyTwoOriginsAndNames_neverCollide(
            @ForAll("origins") URI one,
            @ForAll("origins") URI two,
            @ForAll("texts") String a,
            @ForAll("texts") String b) {
        boolean sameOrigin = canonical(one).equals(canonical(two));
        assertThat(CacheKey.originPart(one).equals(CacheKey.originPart(two)))
                .as("%s %s", one, two)
                .isEqualTo(sameOrigin);
        assertThat(CacheKey.packument(one, a).equals(CacheKey.packument(two, b)))
                .isEqualTo(sameOrigin && a.equals(b));
        assertThat(CacheKey.packument(one, a).toString())
                .isNotEqualTo(CacheKey.abbreviated(two, b).toString());
        assertThat(CacheKey.partition(one, a, null)).isNotEqualTo(CacheKey.partition(two, null, b));
    }

    /** Determines, independently of the code under test, whether two URLs have the same origin. */
    private static String canonical(URI origin) {
        String scheme = origin.getScheme();
        int standard = scheme.equals("https") ? 443 : 80;
        String port = origin.getPort() < 0 || origin.getPort() == standard ? "" : ":" + origin.getPort();
        String path = origin.getRawPath().replaceFirst("/$", "");
        String address = scheme + "://" + origin.getHost().toLowerCase(java.util.Locale.ROOT) + port + path;
        return address.replaceFirst("^https?://(registry|replicate)\\.npmjs\\.(com|org)$", "npm")
                .replaceFirst("^https?://replicate\\.npmjs\\.(com|org)/registry$", "npm");
    }

    @Provide
    Arbitrary<URI> origins() {
        Arbitrary<String> hosts = Arbitraries.oneOf(
                Arbitraries.of(
                        "npm",
                        "registry.npmjs.com",
                        "replicate.npmjs.com",
                        "registry.npmjs." + ORG,
                        "couch",
                        "a.b",
                        "a-b",
                        "127.0.0.1",
                        "localhost"),
                Arbitraries.strings().withChars("abAB").ofMinLength(1).ofMaxLength(3));
        Arbitrary<String> ports = Arbitraries.of("", ":80", ":443", ":8080", ":1");
        Arbitrary<String> paths = Arbitraries.oneOf(
                Arbitraries.of(
                        "",
                        "/",
                        "/registry",
                        "/registry/",
                        "/a",
                        "/a/",
                        "/A",
                        "/a/b",
                        "/a~2fb",
                        "/a%2Fb",
                        "/~61",
                        "/_",
                        "/a.b"),
                Arbitraries.strings().withChars("ab~_-./2f").ofMaxLength(6).map(tail -> "/" + tail));
        return Combinators.combine(Arbitraries.of("http", "https"), hosts, ports, paths)
                .as((scheme, host, port, path) -> URI.create(scheme + "://" + host + port + path));
    }

    @Provide
    Arbitrary<String> texts() {
        return Texts.valid();
    }
}
