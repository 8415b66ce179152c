package io.alldocs.examples.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.spi.KeyOrder;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.storage.contract.Values;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests the table as other programs see it. */
class TableTest {
    private static final PostgresServer SERVER = PostgresServer.running();

    private final String database = SERVER.newDatabase();
    private final StorageDriver driver = SERVER.driver(database);

    @AfterEach
    void close() {
        driver.close();
    }

    @Test
    void table_isOpenToSql() {
        Values.put(driver, "v1:packument:npm:61", "12345");
        Values.put(driver, "v1:packument:npm:62", "123");
        Values.put(driver, "v1:packument:npn:62", "1");

        assertThat(SERVER.number(
                        database,
                        "SELECT sum((head ->> 'size')::bigint) FROM all_docs_entries WHERE key >= 'v1:packument:npm:'"
                                + " AND key < 'v1:packument:npm;' AND head ->> 'outcome' = 'ok'"))
                .isEqualTo(8);
        assertThat(SERVER.number(
                        database,
                        "SELECT count(*) FROM pg_attribute WHERE attrelid = 'all_docs_entries'::regclass"
                                + " AND attname = 'body' AND attstorage = 'e'"))
                .isEqualTo(1);
    }

    @Test
    void putHead_ofALargeBody_writesNoBody() {
        byte[] bytes = Values.random(1, 3_000_000);
        Values.put(driver, "k", bytes);
        String bodies = "SELECT pg_relation_size(reltoastrelid) FROM pg_class WHERE relname = 'all_docs_entries'";
        long before = SERVER.number(database, bodies);

        for (int i = 0; i < 20; i++) {
            assertThat(driver.putHead(
                            "k",
                            Values.head(bytes).toBuilder()
                                    .outcome("outcome-" + i)
                                    .build()))
                    .isTrue();
        }

        assertThat(before).isGreaterThan(3_000_000);
        assertThat(SERVER.number(database, bodies)).isEqualTo(before);
        assertThat(driver.head("k").orElseThrow().outcome()).isEqualTo("outcome-19");
    }

    @Test
    void put_keyOfLimitLengthThatCannotBeCompressed_fitsIntoTheIndex() {
        StringBuilder key = new StringBuilder();
        new Random(1).ints(1_300, 0x80, 0x800).forEach(key::appendCodePoint); // two bytes each
        assertThat(driver.capabilities().maxKeyBytes()).isEqualTo(2_600);

        Values.put(driver, key.toString(), "v");

        assertThat(Values.text(driver, key.toString())).contains("v");
        assertThat(Values.keys(driver)).containsExactly(key.toString());
    }

    @Test
    void list_overThreePages_isInTheOrderOfBytes() {
        List<String> keys = new ArrayList<>();
        Map<String, StoredEntry> entries = new LinkedHashMap<>();
        new Random(2).ints(2_345, 1, 0xD800).distinct().forEach(codePoint -> keys.add(Character.toString(codePoint)));
        keys.add("\uD83E\uDD84"); // above U+FFFD in byte order, below it in Java's order
        keys.add("\uFFFD");
        keys.forEach(key -> entries.put(key, Values.entry(Values.utf8(key))));
        driver.putBatch(entries);
        keys.sort(KeyOrder.UTF8);

        assertThat(Values.keys(driver)).isEqualTo(keys);
        try (Stream<String> rest = driver.list("", keys.get(1_000))) {
            assertThat(rest).isEqualTo(keys.subList(1_001, keys.size()));
        }
    }

    @Test
    void getBatch_ofSmallAndLargeAndAbsent_givesThemInTheirOrder() throws Exception {
        List<String> keys = new ArrayList<>();
        for (int i = 249; i >= 0; i--) {
            keys.add("k" + i);
            byte[] bytes = Values.random(i, i % 100 == 0 ? 1_500_000 + i : i);
            if (i % 7 != 1) {
                Values.put(driver, "k" + i, bytes);
            }
        }

        Map<String, StoredEntry> found = driver.getBatch(keys);

        keys.removeIf(key -> Integer.parseInt(key.substring(1)) % 7 == 1);
        assertThat(found.keySet()).containsExactlyElementsOf(keys);
        for (StoredEntry entry : found.values()) {
            try (Body body = entry.body()) {
                assertThat(entry.head().describes(body)).isTrue();
            }
        }
    }

    @Test
    void get_largeBodyThatIsReplacedMeanwhile_isOneValue() throws Exception {
        byte[] one = Values.random(1, 2_500_000);
        byte[] other = Values.random(2, 3_100_000);
        Values.put(driver, "k", one);
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try {
            Future<?> writer = executor.submit(() -> {
                for (int i = 0; !over.get(); i++) {
                    Values.put(driver, "k", i % 2 == 0 ? other : one);
                }
            });
            for (int i = 0; i < 12; i++) {
                StoredEntry entry = driver.get("k").orElseThrow();
                try (Body body = entry.body()) {
                    assertThat(entry.head().describes(body)).as("read %d", i).isTrue();
                }
            }
            over.set(true);
            writer.get(120, TimeUnit.SECONDS);
        } finally {
            over.set(true);
            executor.shutdownNow();
        }
    }

    @Test
    void get_invalidHead_isDamage() {
        Values.put(driver, "k", "v");
        SERVER.administer(database, "UPDATE all_docs_entries SET head = '[]'");

        assertThatThrownBy(() -> driver.get("k"))
                .isInstanceOf(IntegrityException.class)
                .hasMessageContainingAll("head of k", database);
        assertThatThrownBy(() -> driver.head("k")).isInstanceOf(IntegrityException.class);
    }

    @Test
    void put_headOfAnotherBody_isRefused() {
        EntryMetadata head = Values.head(new byte[10]);
        assertThatThrownBy(() -> driver.put("k", head, Body.of(new byte[9])))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("10", "9");
        assertThat(driver.has("k")).isFalse();
    }
}
