package io.alldocs.cache;

import static io.alldocs.cache.Samples.EXPRESS;
import static io.alldocs.cache.Samples.utf8;
import static io.alldocs.cache.Samples.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryFormat;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.EntrySource;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.internal.body.Integrity;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.cache.spi.VerifyOptions;
import io.alldocs.cache.spi.VerifyReport;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Checks that damaged bytes are never served. */
class CacheDamageTest {
    private static final byte[] WIRE = Samples.packument("is-stream");

    private final CountingDriver driver = new CountingDriver();

    private static Cache cache(CountingDriver driver, EntryFormat format, long memoryBytes) {
        return Cache.builder()
                .driver(driver)
                .format(format)
                .memoryBytes(memoryBytes)
                .build();
    }

    private static void damage(CountingDriver driver, int position, int bit) throws IOException {
        StoredEntry stored = driver.store.get(EXPRESS.toString()).orElseThrow();
        byte[] bytes = stored.body().toByteArray().clone();
        bytes[position % bytes.length] ^= (byte) (1 << bit);
        driver.store.put(EXPRESS.toString(), stored.head(), Body.of(bytes));
    }

    @Property(tries = 150)
    void read_anyBitOfANativeBodyFlipped_isNeverServed(
            @ForAll @IntRange(max = 1 << 20) int position, @ForAll @IntRange(max = 7) int bit) throws IOException {
        damagedIsNeverServed(EntryFormat.NATIVE, position, bit);
    }

    @Property(tries = 150)
    void read_anyBitOfAJsonValueFlipped_isNeverServed(
            @ForAll @IntRange(max = 1 << 20) int position, @ForAll @IntRange(max = 7) int bit) throws IOException {
        damagedIsNeverServed(EntryFormat.JSON, position, bit);
    }

    private void damagedIsNeverServed(EntryFormat format, int position, int bit) throws IOException {
        CountingDriver fresh = new CountingDriver();
        Cache cache = cache(fresh, format, 0);
        JsonTree expected = cache.fetch(
                        EXPRESS, CacheMode.DEFAULT, stored -> value(cache.receiver(), WIRE, "ETag", "\"1\""))
                .json();
        damage(fresh, position, bit);

        assertThatThrownBy(() -> cache.entry(EXPRESS))
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining(EXPRESS.toString());
        assertThatThrownBy(() -> cache.get(EXPRESS.toString(), JsonNode.class)).isInstanceOf(IntegrityException.class);
        assertThatThrownBy(
                        () -> cache.fetch(EXPRESS, CacheMode.ONLY_IF_CACHED, stored -> value(cache.receiver(), WIRE)))
                .isInstanceOf(NotCachedException.class);
        VerifyReport report = cache.verify(VerifyOptions.dryRun());
        assertThat(report.badContentCount()).isEqualTo(1);

        CacheEntry again = cache.fetch(EXPRESS, CacheMode.FORCE_CACHE, stored -> {
            assertThat(stored).as("no validators for a body that is not there").isEmpty();
            return value(cache.receiver(), WIRE);
        });
        assertThat(again.source()).isEqualTo(EntrySource.FETCHED);
        assertThat(again.json()).isEqualTo(expected);
        assertThat(cache.entry(EXPRESS).orElseThrow().json()).isEqualTo(expected);
    }

    /**
     * Tests a store that keeps no digest with the value, such as an edge store. The value's own digest covers the body.
     */
    @Property(tries = 150)
    void read_anyBitOfAJsonBodyFlippedWithoutOuterDigest_isNeverServedAsThatBody(
            @ForAll @IntRange(max = 1 << 20) int position, @ForAll @IntRange(max = 7) int bit) throws IOException {
        CountingDriver fresh = new CountingDriver();
        Cache cache = cache(fresh, EntryFormat.JSON, 0);
        JsonTree expected = cache.fetch(EXPRESS, CacheMode.DEFAULT, stored -> value(cache.receiver(), WIRE))
                .json();
        damage(fresh, position, bit);
        StoredEntry stored = fresh.store.get(EXPRESS.toString()).orElseThrow();
        fresh.store.put(
                EXPRESS.toString(),
                EntryMetadata.bare(
                        stored.head().sizeBytes(), null, stored.head().storedAt()),
                stored.body());
        Optional<CacheEntry> entry;
        try {
            entry = cache.entry(EXPRESS);
        } catch (IntegrityException e) {
            return;
        }
        // The flipped bit was outside the body, such as in a header, which this form does not protect.
        assertThat(entry.orElseThrow().json()).isEqualTo(expected);
    }

    @Test
    void read_bodyOfAnotherSize_isNotServed() {
        Cache cache = cache(driver, EntryFormat.NATIVE, 0);
        cache.fetch(EXPRESS, CacheMode.DEFAULT, stored -> value(cache.receiver(), WIRE));
        for (byte[] other :
                new byte[][] {new byte[0], Arrays.copyOf(WIRE, WIRE.length - 1), Arrays.copyOf(WIRE, WIRE.length + 1)
                }) {
            driver.damage(EXPRESS.toString(), other);
            assertThatThrownBy(() -> cache.entry(EXPRESS)).isInstanceOf(IntegrityException.class);
        }
    }

    @Test
    void read_largeBody_isVerifiedBeforeAByteIsReturned() throws IOException {
        byte[] large = new byte[5 << 20];
        new Random(1).nextBytes(large);
        Cache cache = cache(driver, EntryFormat.NATIVE, 0);
        EntryMetadata head = EntryMetadata.builder()
                .status(200)
                .form("full")
                .body(null, large.length, Integrity.sriOf(large))
                .build();
        driver.store.put(EXPRESS.toString(), head, Body.of(large));
        assertThat(cache.entry(EXPRESS).orElseThrow().bodyStream().readAllBytes())
                .isEqualTo(large);
        damage(driver, large.length - 1, 0);
        assertThatThrownBy(() -> cache.entry(EXPRESS)).isInstanceOf(IntegrityException.class);
    }

    @Test
    void read_unknownDigestAlgorithm_isNotServed() {
        Cache cache = cache(driver, EntryFormat.NATIVE, 0);
        for (String integrity : new String[] {"md5-AAAA", "sha256-not base64!", "", "sha256-"}) {
            byte[] bytes = utf8("{}");
            driver.store.put(
                    EXPRESS.toString(),
                    EntryMetadata.builder().status(200).body(null, 2, integrity).build(),
                    Body.of(bytes));
            assertThatThrownBy(() -> cache.entry(EXPRESS)).as(integrity).isInstanceOf(IntegrityException.class);
        }
    }

    @Test
    void read_digestsOfOtherWriters_areChecked() throws Exception {
        Cache cache = cache(driver, EntryFormat.NATIVE, 0);
        byte[] bytes = utf8("{}");
        for (String algorithm : new String[] {"SHA-512", "SHA-384", "SHA-1"}) {
            String base64 = java.util.Base64.getEncoder()
                    .encodeToString(
                            java.security.MessageDigest.getInstance(algorithm).digest(bytes));
            String right = algorithm.replace("SHA-", "sha") + "-" + base64;
            driver.store.put(
                    EXPRESS.toString(),
                    EntryMetadata.builder().status(200).body(null, 2, right).build(),
                    Body.of(bytes));
            assertThat(cache.entry(EXPRESS).orElseThrow().integrity()).contains(right);
            driver.store.put(
                    EXPRESS.toString(),
                    EntryMetadata.builder()
                            .status(200)
                            .body(null, 2, right + " sha1-AAAA")
                            .build(),
                    Body.of(utf8("[]")));
            assertThatThrownBy(() -> cache.entry(EXPRESS)).isInstanceOf(IntegrityException.class);
        }
    }

    @Test
    void get_damagedPlainValue_isNotServed() throws IOException {
        Cache cache = cache(driver, EntryFormat.NATIVE, 1 << 20);
        cache.set("mine", "value");
        StoredEntry stored = driver.store.get("mine").orElseThrow();
        driver.store.put("mine", stored.head(), Body.of(utf8("\"vALue\"")));
        assertThatThrownBy(() -> cache.get("mine", String.class))
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining("mine");
    }
}
