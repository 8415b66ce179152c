package io.alldocs.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.Cache;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.StorageCapabilities;
import io.alldocs.cache.spi.StorageDriver;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests that records of old claims are deleted, and that no holder loses a claim as a result. */
@Timeout(60)
class ClaimsTest {
    private static final String HEADER = "v1:bootstrap:job";

    private final MemoryStorageDriver store = new MemoryStorageDriver();
    private final Cache cache = Cache.builder().driver(store).build();
    private final RecordStore records = new RecordStore(cache);

    private List<String> keys() {
        try (Stream<String> keys = store.list("v1:", null)) {
            return keys.filter(key -> key.startsWith("v1:lock:") || key.startsWith("v1:beat:"))
                    .toList();
        }
    }

    /** Writes the header, as a job does as soon as it holds its claim. */
    private void writeHeader(long epoch) {
        records.write(HEADER, RecordStore.object().put("version", 2).put("n", epoch));
    }

    private void runOnce() {
        try (JobOwner owner = JobOwner.claim(cache, "job", "a run")) {
            writeHeader(owner.epoch());
        }
    }

    /** Writes claims as earlier runs left them. */
    private void leaveClaims(int from, int to) {
        for (long n = from; n <= to; n++) {
            JobHolder gone = new JobHolder("gone", "host-b 1", 17, Instant.EPOCH, Instant.EPOCH, "");
            ObjectNode beat = RecordStore.object().put("n", n).put("at", Instant.EPOCH.toString());
            records.write("v1:lock:job:" + n, gone.toJson(n));
            records.write("v1:beat:job:" + n, beat.put("released", true));
        }
    }

    @Test
    void current_claimThatIsHeld_isItsHolder_andNoneAfterItsEnd() {
        Claims claims = new Claims(cache, "job");
        assertThat(claims.current()).as("no claim yet").isEmpty();

        try (JobOwner owner = JobOwner.claim(cache, "job", "a run")) {
            assertThat(owner.epoch()).isEqualTo(1);
            assertThat(claims.current().orElseThrow().toString()).startsWith("a run, process ");
        }

        assertThat(claims.current()).as("released").isEmpty();
    }

    @Test
    void current_claimWhoseHeartbeatExpired_hasNoHolder() {
        leaveClaims(1, 1);

        assertThat(new Claims(cache, "job").current()).isEmpty();
    }

    @Test
    void claim_runAfterRun_leavesTheLastRecordsAlone() {
        for (int run = 1; run <= 20; run++) {
            runOnce();
        }

        assertThat(keys()).hasSizeLessThanOrEqualTo(4).contains("v1:lock:job:20", "v1:beat:job:20");
    }

    @Test
    void claim_afterManyEarlierClaims_deletesThem() {
        leaveClaims(1, 300);
        writeHeader(300);

        runOnce();

        assertThat(keys()).hasSizeLessThanOrEqualTo(4).contains("v1:lock:job:301", "v1:beat:job:301");
    }

    /** A process that is killed during the deletion leaves no gap; the next claim deletes the remaining records. */
    @Test
    void deleteOld_storeFailsInBetween_leavesNoGap() {
        leaveClaims(1, 9);
        writeHeader(9);
        AtomicInteger deletions = new AtomicInteger();
        Claims failing = new Claims(
                over(
                        (method, key) -> {
                            if (method.equals("delete") && deletions.incrementAndGet() == 6) {
                                throw new IllegalStateException("killed");
                            }
                        },
                        true),
                "job");

        assertThatThrownBy(failing::deleteOld).hasMessage("killed");

        assertThat(keys().stream().filter(key -> key.startsWith("v1:lock:")))
                .containsExactly(
                        "v1:lock:job:3",
                        "v1:lock:job:4",
                        "v1:lock:job:5",
                        "v1:lock:job:6",
                        "v1:lock:job:7",
                        "v1:lock:job:8",
                        "v1:lock:job:9");
        runOnce();
        assertThat(keys()).hasSizeLessThanOrEqualTo(4);
    }

    @Test
    void require_ofAnOwnerWhoseRecordsAreDeleted_isRefused() {
        Fence late;
        try (JobOwner first = JobOwner.claim(cache, "job", "first")) {
            writeHeader(first.epoch());
            late = JobOwner.fence(cache, "job", first.epoch());
            assertThatCode(late::require).doesNotThrowAnyException();
        }
        for (int run = 0; run < 5; run++) {
            runOnce();
        }
        assertThat(keys()).doesNotContain("v1:lock:job:1", "v1:lock:job:2");

        assertThatThrownBy(late::require).isInstanceOf(JobInUseException.class);
        JobOwner.release(cache, "job", late.epoch());
        assertThat(keys()).doesNotContain("v1:beat:job:1");
    }

    /** An owner whose claim was superseded writes the header once more, after its last check. */
    @Test
    void claim_headerOfAnOvertakenOwner_findsTheLastClaim() {
        for (int run = 0; run < 5; run++) {
            runOnce();
        }
        try (JobOwner alive = JobOwner.claim(cache, "job", "alive")) {
            writeHeader(alive.epoch());
            new Claims(cache, "job").deleteOld();
            writeHeader(2);

            assertThatThrownBy(() -> JobOwner.claim(cache, "job", "next"))
                    .isInstanceOf(JobInUseException.class)
                    .hasMessageContaining("alive")
                    .hasMessageContaining("number 6");
        }
    }

    @Test
    void claim_damagedHeader_findsTheLastClaim() throws Exception {
        for (int run = 0; run < 5; run++) {
            runOnce();
        }
        try (JobOwner alive = JobOwner.claim(cache, "job", "alive")) {
            writeHeader(alive.epoch());
            new Claims(cache, "job").deleteOld();
            for (String damaged : List.of("", "[]", "{\"version\":2}", "{\"version\":2,\"n\":\"x\"}")) {
                byte[] bytes = damaged.getBytes(StandardCharsets.UTF_8);
                store.put(HEADER, EntryMetadata.bare(bytes.length, null, Instant.EPOCH), Body.of(bytes));

                assertThatThrownBy(() -> JobOwner.claim(cache, "job", "next"))
                        .as(damaged)
                        .isInstanceOf(JobInUseException.class)
                        .hasMessageContaining("alive");
            }
        }
    }

    private interface Hook {
        void before(String method, String key);
    }

    private Cache over(Hook hook, boolean conditional) {
        StorageDriver driver = (StorageDriver) Proxy.newProxyInstance(
                StorageDriver.class.getClassLoader(), new Class<?>[] {StorageDriver.class}, (proxy, method, args) -> {
                    if (args != null && args[0] instanceof String key) {
                        hook.before(method.getName(), key);
                    }
                    try {
                        Object result = method.invoke(store, args);
                        return result instanceof StorageCapabilities can ? with(can, conditional) : result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        return Cache.builder().driver(driver).build();
    }

    private static StorageCapabilities with(StorageCapabilities can, boolean conditional) {
        return new StorageCapabilities(
                can.orderedListing(),
                can.maxKeyBytes(),
                can.maxValueBytes(),
                can.readAfterWrite(),
                conditional,
                can.writable(),
                can.maxBatch());
    }

    /**
     * Returns a cache in which {@code others} run before the lock of {@code claimer} is put, after it has read that no
     * claim exists.
     */
    private Cache sleepsBeforeItsPut(Consumer<Cache> others, boolean conditional) {
        AtomicInteger puts = new AtomicInteger();
        return over(
                (method, key) -> {
                    if (method.startsWith("put") && key.startsWith("v1:lock:") && puts.incrementAndGet() == 1) {
                        others.accept(cache);
                    }
                },
                conditional);
    }

    @Test
    void claim_othersCameAndWentBeforeItsPut_isRefusedWhileTheLastOneWorks() {
        for (boolean conditional : new boolean[] {true, false}) {
            List<JobOwner> alive = new ArrayList<>();
            Cache slow = sleepsBeforeItsPut(
                    others -> {
                        for (int run = 0; run < 4; run++) {
                            runOnce();
                        }
                        JobOwner last = JobOwner.claim(others, "job", "alive");
                        alive.add(last);
                        writeHeader(last.epoch());
                        new Claims(others, "job").deleteOld();
                    },
                    conditional);
            try {
                assertThatThrownBy(() -> JobOwner.claim(slow, "job", "slow"))
                        .isInstanceOf(JobInUseException.class)
                        .hasMessageContaining("alive");
                assertThatCode(alive.get(0)::require).doesNotThrowAnyException();
            } finally {
                alive.forEach(JobOwner::close);
            }
        }
    }

    /**
     * Both processes get the response that they created the record; the one whose record was replaced detects that at
     * its next heartbeat.
     */
    @Test
    void claim_byTwoAtOnceWithoutConditionalPuts_isLostByTheFirst() {
        JobHolder first = JobHolder.ofThisProcess("first", Instant.now());
        JobHolder second = JobHolder.ofThisProcess("second", Instant.now());
        Claims claims = new Claims(over((method, key) -> {}, false), "job");
        List<Long> taken = new ArrayList<>();
        Cache slow = sleepsBeforeItsPut(others -> taken.add(new Claims(others, "job").take(first)), false);
        taken.add(new Claims(slow, "job").take(second));
        assertThat(taken).containsExactly(1L, 1L);

        assertThat(claims.isTakenBySomebodyElse(1, first)).isTrue();
        assertThat(claims.isTakenBySomebodyElse(1, second)).isFalse();
    }

    @Test
    void claim_byManyRunAfterRun_excludesAndKeepsFewRecords() throws Exception {
        int threads = 8;
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger runs = new AtomicInteger();
        ExecutorService claimers = Executors.newFixedThreadPool(threads);
        long end = System.nanoTime() + Duration.ofSeconds(2).toNanos();
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                all.add(claimers.submit(() -> {
                    while (System.nanoTime() < end) {
                        try (JobOwner owner = JobOwner.claim(cache, "job", "a run")) {
                            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                            owner.require();
                            writeHeader(owner.epoch());
                            runs.incrementAndGet();
                            inside.decrementAndGet();
                        } catch (JobInUseException e) {
                            Thread.onSpinWait();
                        }
                    }
                }));
            }
            for (Future<?> each : all) {
                each.get();
            }
        } finally {
            claimers.shutdownNow();
        }
        assertThat(most).hasValue(1);
        assertThat(runs).hasValueGreaterThan(20);
        assertThat(new Claims(cache, "job").last()).isEqualTo(runs.get());
        assertThat(keys()).hasSizeLessThanOrEqualTo(6);
    }
}
