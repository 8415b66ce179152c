package io.alldocs.cache.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.CountingDriver;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.StorageCapabilities;
import io.alldocs.cache.spi.StorageDriver;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class KeyPresenceTest {
    private static final String PREFIX = "v1:packument:npm:";

    @Property(tries = 200)
    void mayHold_inAnyOrder_isWhatTheStoreHolds(
            @ForAll @Size(max = 60) Set<@IntRange(max = 5_000) Integer> held,
            @ForAll @Size(max = 60) List<@IntRange(max = 5_000) Integer> asked) {
        MemoryStorageDriver driver = new MemoryStorageDriver();
        held.forEach(number -> put(driver, key(number)));

        try (KeyPresence keys = new KeyPresence(driver, PREFIX)) {
            Stream.concat(asked.stream(), asked.stream().sorted())
                    .forEach(number -> assertThat(keys.mayHold(key(number)))
                            .as("%s of %s", number, held)
                            .isEqualTo(held.contains(number)));
        }
    }

    @Property(tries = 200)
    void mayHold_anyText_isWhatTheStoreHolds(
            @ForAll @Size(max = 30) Set<@From("texts") String> held,
            @ForAll @Size(max = 30) List<@From("texts") String> asked) {
        MemoryStorageDriver driver = new MemoryStorageDriver();
        held.forEach(key -> put(driver, key));

        try (KeyPresence keys = new KeyPresence(driver, "")) {
            asked.forEach(key -> assertThat(keys.mayHold(key)).as(key).isEqualTo(held.contains(key)));
        }
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.of("a", "b", "é", "\uFFFD", "😀")
                .list()
                .ofMinSize(1)
                .ofMaxSize(4)
                .map(parts -> String.join("", parts));
    }

    @Test
    void mayHold_keysInOrder_takesOneListing() {
        AtomicInteger listings = new AtomicInteger();
        StorageDriver driver = new CountingDriver() {
            @Override
            public Stream<String> list(String prefix, String startAfter) {
                listings.incrementAndGet();
                return super.list(prefix, startAfter);
            }
        };
        for (int number = 0; number < 100; number += 2) {
            put(driver, key(number));
        }

        try (KeyPresence keys = new KeyPresence(driver, PREFIX)) {
            for (int number = 0; number < 200; number++) {
                assertThat(keys.mayHold(key(number))).isEqualTo(number < 100 && number % 2 == 0);
            }
        }
        assertThat(listings).hasValue(1);
    }

    @Test
    void mayHold_storeWithoutOrder_isPossibleUnlessItIsEmpty() {
        StorageDriver driver = new CountingDriver() {
            @Override
            public StorageCapabilities capabilities() {
                StorageCapabilities all = super.capabilities();
                return new StorageCapabilities(
                        false, all.maxKeyBytes(), all.maxValueBytes(), true, true, true, all.maxBatch());
            }
        };

        put(driver, "another:kind");

        try (KeyPresence keys = new KeyPresence(driver, PREFIX)) {
            assertThat(keys.mayHold(key(1))).isFalse();
        }
        put(driver, key(2));
        try (KeyPresence keys = new KeyPresence(driver, PREFIX)) {
            assertThat(keys.mayHold(key(1))).isTrue();
        }
    }

    private static void put(StorageDriver driver, String key) {
        byte[] body = {'{', '}'};
        driver.put(key, EntryMetadata.bare(body.length, null, Instant.EPOCH), Body.of(body));
    }

    private static String key(int number) {
        return PREFIX + "%08x".formatted(number);
    }
}
