package io.alldocs.cache.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.cache.CountingDriver;
import io.alldocs.cache.Samples;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import java.io.InputStream;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ParallelBatchesTest {

    private static StoredEntry entry(int i) {
        byte[] bytes = Samples.utf8("body " + i);
        return new StoredEntry(EntryMetadata.bare(bytes.length, null, Instant.EPOCH), Body.of(bytes));
    }

    /** Blocks calls until four are waiting, then lets them continue together. */
    @SuppressWarnings("UnsynchronizedOverridesSynchronized") // calls must overlap
    private static final class MeetingDriver extends CountingDriver {
        private final CyclicBarrier barrier = new CyclicBarrier(4);

        @Override
        public void put(String key, EntryMetadata head, Body body) {
            meet();
            store.put(key, head, body);
        }

        @Override
        public Optional<StoredEntry> get(String key) {
            meet();
            return store.get(key);
        }

        private void meet() {
            try {
                barrier.await(30, TimeUnit.SECONDS);
            } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
                throw new IllegalStateException("Fewer than four calls are on their way", e);
            }
        }
    }

    @Test
    void putAndGet_asManyAsTheConcurrency_areOnTheirWayTogether() {
        CountingDriver driver = new MeetingDriver();
        Map<String, StoredEntry> entries = new LinkedHashMap<>();
        IntStream.range(0, 8).forEach(i -> entries.put("k" + i, entry(i)));
        ParallelBatches.put(driver, entries, 4);
        Map<String, StoredEntry> found = ParallelBatches.get(driver, List.of("k3", "k0", "absent", "k3", "k1"), 4);
        assertThat(found.keySet()).containsExactly("k3", "k0", "k1");
        assertThat(ParallelBatches.get(driver, List.of(), 4)).isEmpty();
    }

    @Test
    void get_oneFails_throwsAndClosesWhatWasRead() {
        CountingBody body = new CountingBody();
        CountingDriver driver = new CountingDriver() {
            @Override
            public synchronized Optional<StoredEntry> get(String key) {
                if (key.equals("bad")) {
                    throw new StorageException("planned", true, null);
                }
                return Optional.of(new StoredEntry(EntryMetadata.bare(0, null, Instant.EPOCH), body));
            }
        };
        assertThatThrownBy(() -> ParallelBatches.get(driver, List.of("a", "b", "bad", "c"), 1))
                .isInstanceOf(StorageException.class)
                .hasMessage("planned");
        assertThat(body.closed).isEqualTo(2);
    }

    @Test
    void each_oneFails_throwsItAndEndsTheRest() {
        List<Integer> done = new CopyOnWriteArrayList<>();
        ParallelBatches.each(List.of(1, 2, 3), 2, done::add);
        assertThat(done).containsExactlyInAnyOrder(1, 2, 3);
        ParallelBatches.each(List.<Integer>of(), 2, done::add);
        assertThatThrownBy(() -> ParallelBatches.each(List.of(4, 5, 6), 1, number -> {
                    if (number == 5) {
                        throw new StorageException("planned", true, null);
                    }
                    done.add(number);
                }))
                .isInstanceOf(StorageException.class)
                .hasMessage("planned");
        assertThat(done).hasSize(4).contains(4);
    }

    private static final class CountingBody implements Body {
        private int closed;

        @Override
        public long sizeBytes() {
            return 0;
        }

        @Override
        public InputStream openStream() {
            return InputStream.nullInputStream();
        }

        @Override
        public void close() {
            closed++;
        }
    }
}
