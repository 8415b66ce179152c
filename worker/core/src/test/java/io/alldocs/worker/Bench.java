package io.alldocs.worker;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.HostLimiters;
import io.alldocs.http.RetryPolicy;
import io.alldocs.packument.PackumentClient;
import io.alldocs.partition.PartitionClient;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.WorkQueue;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** A cache, a queue and clients with short timeouts. */
final class Bench implements AutoCloseable {
    static final QueueOptions OPTIONS = new QueueOptions(
            "test",
            3,
            Duration.ofMillis(20),
            Duration.ofMillis(100),
            Duration.ofSeconds(30),
            3,
            Duration.ofSeconds(1),
            0);

    /** Number of packument entries that were read. */
    final AtomicInteger packumentReads = new AtomicInteger();

    final StorageDriver driver = counted(new MemoryStorageDriver());
    final Cache cache = Cache.builder().driver(driver).build();
    final HostLimiters limiters = HostLimiters.create();
    final TurnedClock clock = new TurnedClock();
    final WorkQueue queue =
            LocalWorkQueue.builder().options(OPTIONS).clock(clock).build();
    final BaseHttpClient http;

    Bench() {
        this(5);
    }

    Bench(int attempts) {
        http = BaseHttpClient.builder()
                .limiters(limiters)
                .retry(new RetryPolicy(attempts, Duration.ofMillis(1), Duration.ofMillis(5)))
                .build();
    }

    private StorageDriver counted(MemoryStorageDriver store) {
        return (StorageDriver) Proxy.newProxyInstance(
                StorageDriver.class.getClassLoader(), new Class<?>[] {StorageDriver.class}, (proxy, method, args) -> {
                    boolean reads = Set.of("get", "head", "has").contains(method.getName());
                    if (reads && args[0] instanceof String key && key.startsWith("v1:packument:")) {
                        packumentReads.incrementAndGet();
                    }
                    try {
                        return method.invoke(store, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    PartitionClient partitions(URI origin, int pageLimit) {
        return partitions(origin, pageLimit, cache);
    }

    PartitionClient partitions(URI origin, int pageLimit, Cache shared) {
        return PartitionClient.builder()
                .env(Env.of(Map.of()))
                .cache(shared)
                .http(http)
                .origin(origin)
                .pageLimit(pageLimit)
                .build();
    }

    PackumentClient packuments(URI registry) {
        return packuments(registry, cache);
    }

    PackumentClient packuments(URI registry, Cache shared) {
        return PackumentClient.builder()
                .env(Env.of(Map.of()))
                .cache(shared)
                .http(http)
                .registry(registry)
                .concurrency(4)
                .build();
    }

    WorkerBuilder worker() {
        return Worker.builder()
                .queue(queue)
                .cache(cache)
                .limiters(limiters)
                .concurrency(4)
                .grace(Duration.ofSeconds(20));
    }

    WorkerBuilder worker(URI origin, int pageLimit) {
        return worker().partitions(partitions(origin, pageLimit)).packuments(packuments(origin));
    }

    @Override
    public void close() {
        queue.close();
        http.close();
        cache.close();
    }
}
