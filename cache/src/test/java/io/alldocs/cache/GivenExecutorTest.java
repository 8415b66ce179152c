package io.alldocs.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.internal.body.Integrity;
import io.alldocs.cache.scan.CacheCopy;
import io.alldocs.cache.scan.CacheDiff;
import io.alldocs.cache.spi.ParallelBatches;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.cache.spi.VerifyOptions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Tests that work on stores runs on the threads of the executor that the caller passes. */
class GivenExecutorTest {
    private static final int CONCURRENCY = 3;

    private final MemoryStorageDriver from = new MemoryStorageDriver();
    private final MemoryStorageDriver to = new MemoryStorageDriver();
    private final AtomicInteger started = new AtomicInteger();
    private final Executor executor = task -> {
        started.incrementAndGet();
        new Thread(task).start();
    };

    private static StoredEntry entry() {
        byte[] bytes = Samples.utf8("{}");
        return new StoredEntry(EntryMetadata.bare(bytes.length, Integrity.sriOf(bytes), Instant.EPOCH), Body.of(bytes));
    }

    @Test
    void batches_withAnExecutor_runOnIt() {
        ParallelBatches.put(from, Map.of("a", entry(), "b", entry(), "c", entry()), CONCURRENCY, executor);
        assertThat(started).hasValue(CONCURRENCY);
        assertThat(ParallelBatches.get(from, List.of("a", "b", "c"), CONCURRENCY, executor))
                .containsOnlyKeys("a", "b", "c");
        assertThat(started).hasValue(2 * CONCURRENCY);
    }

    @Test
    void verify_withAnExecutor_runsOnIt() {
        from.put("a", entry().head(), entry().body());
        VerifyOptions options = VerifyOptions.dryRun().withExecutor(executor);
        assertThat(from.verify(options).verifiedContent()).isEqualTo(1);
        assertThat(started).hasValue(options.concurrency());
        assertThat(VerifyOptions.dryRun()).isEqualTo(VerifyOptions.dryRun()).isNotEqualTo(options);
    }

    @Test
    void copyAndDiff_withAnExecutor_runOnIt() {
        from.put("a", entry().head(), entry().body());
        List<CacheDiff.Difference> found = new ArrayList<>();
        CacheDiff.run(from, to, key -> true, CONCURRENCY, executor, found::add, () -> {});
        assertThat(found).hasSize(1);
        // Runs once for the keys of each store.
        assertThat(started).hasValue(2 * CONCURRENCY);
        assertThat(CacheCopy.run(from, to, key -> true, CONCURRENCY, executor, count -> {})
                        .copied())
                .isEqualTo(1);
        assertThat(started).hasValue(3 * CONCURRENCY);
    }
}
