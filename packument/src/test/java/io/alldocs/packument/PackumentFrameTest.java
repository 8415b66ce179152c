package io.alldocs.packument;

import static io.alldocs.packument.Outcome.NOT_FOUND;
import static io.alldocs.packument.Outcome.OK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.alldocs.cache.Cache;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.spi.KeyOrder;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.storage.filesystem.FilesystemStorageDriver;
import io.alldocs.storage.sqlite.SqliteStorageDriver;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PackumentFrameTest {
    private static final URI REGISTRY = URI.create("https://registry.npmjs.com");
    private static final URI MIRROR = URI.create("https://mirror.example/npm/");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final MemoryStorageDriver driver = new MemoryStorageDriver();
    private final Cache cache = Cache.builder().driver(driver).build();
    private final PackumentFrame frame = PackumentFrame.fromCache(cache, REGISTRY);

    // ---- content of a frame

    @Property(tries = 25)
    void names_anyRangeOfAnyStore_areThoseStored(
            @ForAll("names") Set<String> names, @ForAll("name") String one, @ForAll("name") String other)
            throws IOException {
        Path folder = Files.createTempDirectory("frame");
        boolean rising = KeyOrder.UTF8.compare(one, other) < 0;
        String start = rising ? one : other;
        String end = rising ? other : one + "z";
        for (StorageDriver store : List.of(
                new MemoryStorageDriver(),
                FilesystemStorageDriver.open(folder.resolve("files")),
                SqliteStorageDriver.open(folder.resolve("all-docs.sqlite")))) {
            try (store;
                    Cache held = Cache.builder().driver(store).build()) {
                for (String name : names) {
                    store(store, PackumentForm.FULL.key(REGISTRY, name).toString(), document(name), OK);
                    store(store, PackumentForm.FULL.key(MIRROR, name).toString(), document(name), OK);
                    store(store, PackumentForm.ABBREVIATED.key(REGISTRY, name).toString(), document(name), OK);
                }
                PackumentFrame all = PackumentFrame.fromCache(held, REGISTRY);
                requireNames(all, names);
                requireNames(
                        all.range(start, end),
                        names.stream()
                                .filter(name ->
                                        KeyOrder.UTF8.compare(name, start) >= 0 && KeyOrder.UTF8.compare(name, end) < 0)
                                .toList());
                requireNames(
                        all.prefix(one),
                        names.stream().filter(name -> name.startsWith(one)).toList());
            }
        }
        delete(folder);
    }

    private static void requireNames(PackumentFrame frame, Iterable<String> expected) {
        try (Stream<String> names = frame.names();
                Stream<String> heads = frame.heads().map(PackumentHead::name);
                Stream<String> sequential =
                        frame.map(packument -> packument.text("name").orElseThrow());
                Stream<String> parallel = frame.map(CachedPackument::name).parallel()) {
            assertThat(names.toList()).containsExactlyInAnyOrderElementsOf(expected);
            assertThat(heads.toList()).containsExactlyInAnyOrderElementsOf(expected);
            assertThat(sequential.toList()).containsExactlyInAnyOrderElementsOf(expected);
            assertThat(parallel.toList()).containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    @Provide
    Arbitrary<Set<String>> names() {
        return name().set().ofMaxSize(12);
    }

    @Provide
    Arbitrary<String> name() {
        return Arbitraries.of("a", "b", "-", "~", "@s/", "é", "漢", "\ud83d\ude00", "J", "1")
                .list()
                .ofMinSize(1)
                .ofMaxSize(4)
                .map(parts -> String.join("", parts).replaceAll("(?<!^)@s/", "s"))
                .map(name -> name.endsWith("/") ? name + "x" : name);
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }

    // ---- one packument

    static List<String> realNames() {
        return RealPackuments.names();
    }

    @ParameterizedTest
    @MethodSource("realNames")
    void fields_ofARealPackument_areThoseOfItsTree(String name) throws IOException {
        JsonNode tree = JSON.readTree(RealPackuments.json(name));
        storeReal(name);

        try (Stream<CachedPackument> all = frame.stream()) {
            CachedPackument packument = all.findFirst().orElseThrow();
            assertThat(packument.name()).isEqualTo(name);
            assertThat(packument.outcome()).contains(OK);
            assertThat(packument.latest()).hasValue(tree.at("/dist-tags/latest").asText());
            assertThat(packument.distTags()).isEqualTo(texts(tree.path("dist-tags")));
            assertThat(packument.time()).isEqualTo(texts(tree.path("time")));
            List<String> versions = tree.path("versions").properties().stream()
                    .map(Map.Entry::getKey)
                    .toList();
            assertThat(packument.versions()).isEqualTo(versions);
            for (String version : List.of(versions.get(0), versions.get(versions.size() - 1))) {
                assertThat(packument.dependencies(version))
                        .isEqualTo(texts(tree.path("versions").path(version).path("dependencies")));
            }
            assertThat(packument.text("readmeFilename"))
                    .isEqualTo(java.util.Optional.ofNullable(
                            tree.path("readmeFilename").textValue()));
            assertThat(packument.text("versions")).isEmpty();
            assertThat(packument.texts("name")).isEmpty();
            assertThat(packument.entry().rawBody().toByteArray()).isEqualTo(RealPackuments.gzip(name));
            assertThat(packument.entry().encoding()).hasValue("gzip");
            try (JsonParser parser = packument.parser()) {
                assertThat(parser.nextToken()).isEqualTo(JsonToken.START_OBJECT);
            }
        }
    }

    @Test
    void fields_withoutADocument_areEmpty() {
        store(driver, key("gone"), new byte[0], NOT_FOUND);

        try (Stream<CachedPackument> all = frame.stream()) {
            CachedPackument gone = all.findFirst().orElseThrow();
            assertThat(gone.outcome()).contains(NOT_FOUND);
            assertThat(gone.hasDocument()).isFalse();
            assertThat(gone.versions()).isEmpty();
            assertThat(gone.distTags()).isEmpty();
            assertThat(gone.latest()).isEmpty();
            assertThatIllegalArgumentException().isThrownBy(gone::text);
            assertThat(gone).hasToString("\"gone\" NOT_FOUND");
        }
    }

    @Test
    void documentStream_ofBytesThatAreNotUtf8_isUtf8() throws IOException {
        byte[] stored = "{\"name\":\"\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1);
        store(driver, key("latin"), stored, OK);

        try (Stream<CachedPackument> all = frame.stream();
                InputStream text = all.findFirst().orElseThrow().documentStream()) {
            assertThat(new String(text.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("{\"name\":\"\ufffd\"}");
        }
    }

    // ---- operations

    @Test
    void reduceForEachFilterMap_ofAFrame_areThoseOfItsPackuments() {
        RealPackuments.names().forEach(this::storeReal);
        store(driver, key("gone"), new byte[0], NOT_FOUND);
        Set<String> seen = ConcurrentHashMap.newKeySet();

        PackumentFrame documents = frame.filter(CachedPackument::hasDocument);
        documents.forEach(packument -> seen.add(packument.name()));

        assertThat(seen).containsExactlyInAnyOrderElementsOf(RealPackuments.names());
        assertThat(documents.reduce(0, (count, packument) -> count + 1)).isEqualTo(seen.size());
        assertThat(documents
                        .filter(packument -> packument.name().startsWith("@"))
                        .reduce(0, (count, each) -> count + 1))
                .isEqualTo(4);
        try (Stream<Integer> versions = documents.map(packument ->
                packument.versions().size() > 100 ? packument.versions().size() : null)) {
            assertThat(versions.toList())
                    .hasSameSizeAs(seen)
                    .as("like Stream.map, map keeps null results")
                    .containsNull()
                    .anyMatch(count -> count != null && count > 100);
        }
    }

    @Test
    void heads_ofAFrame_costNoBody() {
        try (Setup setup = new Setup()) {
            store(setup.driver, key("express"), document("express"), OK);
            PackumentFrame counted = PackumentFrame.fromCache(setup.cache, REGISTRY);

            try (Stream<PackumentHead> heads = counted.heads()) {
                PackumentHead head = heads.findFirst().orElseThrow();
                assertThat(head.outcome()).contains(OK);
                assertThat(head.head().sizeBytes()).isEqualTo(document("express").length);
            }

            assertThat(setup.driver.gets).hasValue(0);
        }
    }

    // ---- damage

    @Test
    void map_damagedEntries_areReportedByName() {
        for (String name : List.of("a", "b", "c", "d")) {
            store(driver, key(name), document(name), OK);
        }
        driver.put(key("b"), driver.head(key("b")).orElseThrow(), Body.of(document("x")));
        store(driver, key("c"), "{\"name\":\"c\" \"dist-tags\":{}}".getBytes(StandardCharsets.UTF_8), OK);
        driver.put(key("d"), gzipHead(new byte[] {1, 2, 3}), Body.of(new byte[] {1, 2, 3}));
        Map<String, IntegrityException> damaged = new LinkedHashMap<>();

        try (Stream<String> latest =
                frame.onDamage(damaged::put).map(packument -> packument.latest().orElseThrow())) {
            assertThat(latest).containsExactly("1.0.0");
        }

        assertThat(damaged).containsOnlyKeys("b", "c", "d");
        assertThat(damaged.get("c")).hasMessageContaining("\"c\"").hasMessageContaining("not JSON");
    }

    @Test
    void failOnDamage_damagedEntry_endsTheStream() {
        store(driver, key("a"), document("a"), OK);
        driver.put(key("a"), driver.head(key("a")).orElseThrow(), Body.of(document("x")));

        PackumentFrame strict = frame.failOnDamage();

        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> strict.forEach(packument -> {}))
                .withMessageContaining("damaged");
    }

    @Test
    void names_foreignKeysUnderThePrefix_areLeftAlone() {
        store(driver, key("a"), document("a"), OK);
        store(driver, "v1:packument:npm:not-hex", document("a"), OK);

        requireNames(frame, List.of("a"));
    }

    @Test
    void range_startNotBelowEnd_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> frame.range("b", "b"))
                .withMessageContaining("\"b\"");
        assertThatIllegalArgumentException().isThrownBy(() -> frame.range("", null));
        assertThatIllegalArgumentException().isThrownBy(() -> frame.batchSize(0));
    }

    private static String key(String name) {
        return PackumentForm.FULL.key(REGISTRY, name).toString();
    }

    private static byte[] document(String name) {
        return ("{\"_id\":\"" + name + "\",\"name\":\"" + name
                        + "\",\"dist-tags\":{\"latest\":\"1.0.0\"},\"versions\":{\"1.0.0\":{}}}")
                .getBytes(StandardCharsets.UTF_8);
    }

    private void storeReal(String name) {
        byte[] gzip = RealPackuments.gzip(name);
        driver.put(key(name), gzipHead(gzip), Body.of(gzip));
    }

    private static EntryMetadata gzipHead(byte[] gzip) {
        return head(gzip, OK).toBuilder()
                .body("gzip", gzip.length, integrity(gzip))
                .build();
    }

    private static void store(StorageDriver driver, String key, byte[] json, Outcome outcome) {
        driver.put(key, head(json, outcome), Body.of(json));
    }

    private static EntryMetadata head(byte[] bytes, Outcome outcome) {
        return EntryMetadata.builder()
                .status(outcome == OK ? 200 : 404)
                .form("full")
                .outcome(outcome.label())
                .body(null, bytes.length, integrity(bytes))
                .storedAt(Instant.EPOCH)
                .build();
    }

    private static String integrity(byte[] bytes) {
        try {
            return "sha256-"
                    + Base64.getEncoder()
                            .encodeToString(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static Map<String, String> texts(JsonNode object) {
        Map<String, String> texts = new LinkedHashMap<>();
        object.properties().forEach(member -> {
            if (member.getValue().isTextual() || member.getValue().isNumber()) {
                texts.put(member.getKey(), member.getValue().asText());
            }
        });
        return texts;
    }
}
