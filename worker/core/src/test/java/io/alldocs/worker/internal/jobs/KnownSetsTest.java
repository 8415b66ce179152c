package io.alldocs.worker.internal.jobs;

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
                    new KnownSets(cache).add(set, "job of " + set, true, job -> true);
                    return null;
                }));
            }
            for (Future<?> each : adding) {
                each.get(60, TimeUnit.SECONDS);
            }
            assertThat(new KnownSets(cache).all())
                    .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 8)
                            .mapToObj(i -> new KnownSets.Known("set-" + i, "job of set-" + i, true))
                            .toList());
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void add_moreThanAreShown_isFine() {
        try (Cache cache = Cache.builder().build()) {
            KnownSets sets = new KnownSets(cache);
            IntStream.range(0, 120).forEach(i -> sets.add("set-" + i, "job", false, job -> true));
            assertThat(sets.all()).hasSize(100).extracting(KnownSets.Known::set).startsWith("set-0", "set-1");
        }
    }

    @Test
    void add_setOfAnEarlierVersion_takesItsPlace() {
        try (Cache cache = Cache.builder().build()) {
            cache.set("v1:set:0", "old"); // an earlier version stored a plain string
            KnownSets sets = new KnownSets(cache);
            assertThat(sets.all()).containsExactly(new KnownSets.Known("old", "", false));

            sets.add("old", "job", true, job -> true);

            assertThat(sets.all()).containsExactly(new KnownSets.Known("old", "job", true));
        }
    }

    @Test
    void add_otherJobOfASet_replacesOneThatHasEnded_andKeepsOneThatRuns() {
        try (Cache cache = Cache.builder().build()) {
            KnownSets sets = new KnownSets(cache);
            sets.add("all", "first", true, job -> true);
            sets.add("all", "second", true, job -> false);
            sets.add("all", "second", true, job -> false);

            assertThat(sets.all()).extracting(KnownSets.Known::job).containsExactly("first", "second");

            sets.add("all", "third", true, job -> job.equals("first"));

            assertThat(sets.all()).extracting(KnownSets.Known::job).containsExactly("third", "second");
        }
    }
}
