package io.alldocs.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.Cache;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class KnownSetsTest {

    @Test
    void add_manyAtTheSameMoment_losesNone_andNamesEachOnce() throws Exception {
        int threads = 16;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try (Cache cache = Cache.builder().build()) {
            CyclicBarrier together = new CyclicBarrier(threads);
            List<Future<?>> adding = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                String set = "set-" + i % 8;
                adding.add(pool.submit(() -> {
                    together.await();
                    new KnownSets(cache).add(set);
                    return null;
                }));
            }
            for (Future<?> each : adding) {
                each.get(60, TimeUnit.SECONDS);
            }
            assertThat(new KnownSets(cache).names())
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.range(0, 8).mapToObj(i -> "set-" + i).toList());
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void add_moreThanAreShown_isFine() {
        try (Cache cache = Cache.builder().build()) {
            KnownSets sets = new KnownSets(cache);
            IntStream.range(0, 120).forEach(i -> sets.add("set-" + i));
            assertThat(sets.names()).hasSize(100).startsWith("set-0", "set-1");
        }
    }
}
