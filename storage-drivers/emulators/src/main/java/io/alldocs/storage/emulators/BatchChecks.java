package io.alldocs.storage.emulators;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.cache.spi.VerifyOptions;
import io.alldocs.storage.contract.Values;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** Checks of the batch calls of drivers that send one request for each key. */
public final class BatchChecks {
    private BatchChecks() {}

    /**
     * Checks that a batch of two keys starts two tasks of the executor.
     *
     * @param newDriver creates a driver with this executor that sends two requests at a time
     */
    public static void requireExecutor(Function<Executor, StorageDriver> newDriver) {
        AtomicInteger started = new AtomicInteger();
        Executor executor = task -> {
            started.incrementAndGet();
            new Thread(task).start();
        };
        try (StorageDriver driver = newDriver.apply(executor)) {
            byte[] large = Values.random(1, 1_500_000);
            driver.putBatch(Map.of("a", Values.entry(large), "b", Values.entry(large)));
            assertThat(started).hasValue(2);
            assertThat(driver.getBatch(List.of("a", "b"))).containsOnlyKeys("a", "b");
            assertThat(started).hasValue(4);
        }
    }

    /**
     * Checks that npm's packuments are stored and read in batches without a change.
     *
     * @param server without unread requests
     * @param put kind of the request for each stored key; {@code BATCH} if there is one request for all
     * @param get kind of the request for each key that is read
     */
    public static void requirePackuments(StorageDriver driver, Emulator server, String put, String get) {
        Map<String, byte[]> packuments = new LinkedHashMap<>();
        for (String name : RealPackuments.names()) {
            packuments.put("v1:packument:npm:" + name, RealPackuments.gzip(name));
        }
        Map<String, StoredEntry> entries = new LinkedHashMap<>();
        packuments.forEach((key, bytes) -> entries.put(key, new StoredEntry(Values.gzipHead(bytes), Body.of(bytes))));
        driver.putBatch(entries);
        int puts = put.equals("BATCH") ? 1 : packuments.size();
        assertThat(server.kinds()).containsExactlyElementsOf(Collections.nCopies(puts, put));
        Map<String, StoredEntry> found = driver.getBatch(packuments.keySet());
        assertThat(server.kinds()).containsExactlyElementsOf(Collections.nCopies(packuments.size(), get));
        assertThat(found.keySet()).containsExactlyElementsOf(packuments.keySet());
        found.forEach((key, entry) -> {
            byte[] packument = Objects.requireNonNull(packuments.get(key), key);
            assertThat(Values.bytes(entry)).isEqualTo(packument);
            assertThat(entry.head()).isEqualTo(Values.gzipHead(packument));
        });
        assertThat(driver.verify(VerifyOptions.dryRun()).verifiedContent()).isEqualTo(packuments.size());
    }
}
