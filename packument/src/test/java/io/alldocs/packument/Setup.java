package io.alldocs.packument;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.StorageCapabilities;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.Credentials;
import io.alldocs.http.HostLimiters;
import io.alldocs.http.RetryPolicy;
import io.alldocs.http.Timeouts;
import io.alldocs.storage.contract.ForwardingStorageDriver;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** A cache, an HTTP client with short retry delays, and builders of clients that use both. */
final class Setup implements AutoCloseable {

    final ManualClock clock = new ManualClock();
    final CountingDriver driver = new CountingDriver();
    final Cache cache;
    final BaseHttpClient http;

    Setup() {
        this(Credentials.NONE);
    }

    Setup(Credentials credentials) {
        cache = Cache.builder().driver(driver).clock(clock).build();
        http = http(credentials, 5);
    }

    static BaseHttpClient http(Credentials credentials, int attempts) {
        return BaseHttpClient.builder()
                .credentials(credentials)
                .limiters(HostLimiters.create())
                .retry(new RetryPolicy(attempts, Duration.ofMillis(1), Duration.ofMillis(5)))
                .timeouts(new Timeouts(Duration.ofSeconds(5), Duration.ofSeconds(20), Duration.ofSeconds(5)))
                .build();
    }

    PackumentClientBuilder client(URI registry) {
        return PackumentClient.builder()
                .env(Env.of(Map.of()))
                .cache(cache)
                .http(http)
                .registry(registry);
    }

    @Override
    public void close() {
        http.close();
        cache.close();
        driver.close();
    }

    /** The memory driver, with counters of reads. */
    static final class CountingDriver extends ForwardingStorageDriver {
        final AtomicInteger gets = new AtomicInteger();
        final AtomicInteger heads = new AtomicInteger();
        final AtomicInteger puts = new AtomicInteger();
        volatile long maxValueBytes = Integer.MAX_VALUE - 8;

        CountingDriver() {
            super(new MemoryStorageDriver());
        }

        @Override
        public StorageCapabilities capabilities() {
            StorageCapabilities all = super.capabilities();
            return new StorageCapabilities(
                    all.orderedListing(),
                    all.maxKeyBytes(),
                    maxValueBytes,
                    all.readAfterWrite(),
                    all.conditionalPut(),
                    all.writable(),
                    all.maxBatch());
        }

        @Override
        public Optional<StoredEntry> get(String key) {
            gets.incrementAndGet();
            return super.get(key);
        }

        @Override
        public Optional<EntryMetadata> head(String key) {
            heads.incrementAndGet();
            return super.head(key);
        }

        @Override
        public void put(String key, EntryMetadata head, Body body) {
            capabilities().requireEntry(key, head, body);
            puts.incrementAndGet();
            super.put(key, head, body);
        }
    }
}
