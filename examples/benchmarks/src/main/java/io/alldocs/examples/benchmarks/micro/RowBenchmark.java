package io.alldocs.examples.benchmarks.micro;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.RequestOptions;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.http.NpmConfig;
import io.alldocs.partition.Partition;
import io.alldocs.partition.PartitionClient;
import io.alldocs.partition.PartitionRows;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Measures a page of {@code _all_docs} with 10,000 rows. One benchmark fetches, validates and stores the page, and the
 * other reads its rows back.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class RowBenchmark {
    private static final int ROWS = 10_000;

    private final EmbeddedRegistry registry =
            EmbeddedRegistry.builder().names(ROWS).start();
    private final Cache cache =
            Cache.builder().env(Env.of(Map.of("STORAGE_DRIVER", "memory"))).build();
    private final PartitionClient client = PartitionClient.builder()
            .cache(cache)
            .origin(registry.origin())
            .npmConfig(NpmConfig.empty())
            .build();

    /** Created by JMH. */
    public RowBenchmark() {}

    /** Stores the page to read back. */
    @Setup
    public void setUp() {
        fetch();
    }

    /** Closes the registry and the clients. */
    @TearDown
    public void tearDown() {
        client.close();
        cache.close();
        registry.close();
    }

    /** Fetches the page, including the registry's own work, and stores it. */
    @Benchmark
    public Object fetch() {
        return client.request(Partition.all(), RequestOptions.of(CacheMode.RELOAD));
    }

    /**
     * Reads the page from memory. This verifies the digest, inflates the body, validates it with a scan, and parses the
     * rows.
     */
    @Benchmark
    public int rows() {
        int rows = 0;
        try (PartitionRows all = client.rows(Partition.all(), RequestOptions.of(CacheMode.ONLY_IF_CACHED))) {
            while (all.hasNext()) {
                all.next();
                rows++;
            }
        }
        if (rows != ROWS) {
            throw new IllegalStateException(rows + " rows of " + ROWS);
        }
        return rows;
    }
}
