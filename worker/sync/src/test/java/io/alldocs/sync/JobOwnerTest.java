package io.alldocs.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.cache.Cache;
import io.alldocs.cache.MemoryStorageDriver;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class JobOwnerTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

    private final MemoryStorageDriver store = new MemoryStorageDriver();
    private final Cache cache = at(NOW);

    private Cache at(Instant time) {
        return Cache.builder()
                .driver(store)
                .clock(Clock.fixed(time, ZoneOffset.UTC))
                .build();
    }

    /** Writes another machine's claim, renewed at {@code renewed}. */
    private void claimElsewhere(long epoch, Instant renewed) {
        JobHolder holder = new JobHolder("all-docs follow", "host-b 4026531836", 17, Instant.EPOCH, renewed, "");
        RecordStore records = new RecordStore(cache);
        records.write("v1:lock:job:" + epoch, holder.toJson(epoch));
        records.write("v1:beat:job:" + epoch, RecordStore.object().put("at", renewed.toString()));
    }

    @Test
    void claim_whileAnotherHoldsTheJob_isRefusedAndNamesTheHolder() {
        try (JobOwner held = JobOwner.claim(cache, "job", "the first")) {
            assertThat(held.epoch()).isEqualTo(1);
            assertThatThrownBy(() -> JobOwner.claim(cache, "job", "the second"))
                    .isInstanceOf(JobInUseException.class)
                    .hasMessageContaining("Another run of this job is in progress: the first, process "
                            + ProcessHandle.current().pid());
            JobOwner.claim(cache, "other job", "the third").close();
        }
        try (JobOwner next = JobOwner.claim(cache, "job", "the second")) {
            assertThat(next.epoch()).isEqualTo(2);
        }
    }

    @Test
    void claim_ofAnotherMachinesJob_waitsForItsHeartbeatToExpire() {
        claimElsewhere(1, NOW.minus(JobOwner.EXPIRY).plusSeconds(1));
        assertThatThrownBy(() -> JobOwner.claim(cache, "job", "here"))
                .isInstanceOf(JobInUseException.class)
                .hasMessageContaining("all-docs follow, process 17 on host-b");

        claimElsewhere(1, NOW.minus(JobOwner.EXPIRY));
        try (JobOwner taken = JobOwner.claim(cache, "job", "here")) {
            assertThat(taken.epoch()).isEqualTo(2);
        }
    }

    @Test
    void claim_ofAProcessOfThisMachineThatHasEnded_succeedsAtOnce() throws Exception {
        Process ended = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(), "-version")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        ended.waitFor();
        JobHolder here = JobHolder.ofThisProcess("killed", NOW);
        JobHolder killed = new JobHolder("killed", here.machine(), ended.pid(), NOW, NOW, "");
        new RecordStore(cache).write("v1:lock:job:1", killed.toJson(1));

        try (JobOwner taken = JobOwner.claim(cache, "job", "next")) {
            assertThat(taken.epoch()).isEqualTo(2);
        }
    }

    @Test
    void require_afterAnotherTookTheJobOver_isRefused() {
        claimElsewhere(1, NOW.minus(Duration.ofHours(1)));
        Fence late = JobOwner.fence(cache, "job", 1);
        assertThatCode(late::require).doesNotThrowAnyException();

        try (JobOwner taken = JobOwner.claim(cache, "job", "next")) {
            assertThat(taken.epoch()).isEqualTo(2);
            assertThatThrownBy(late::require)
                    .isInstanceOf(JobInUseException.class)
                    .hasMessageContaining("next");
            assertThatCode(taken::require).doesNotThrowAnyException();
        }
    }

    /** The heartbeat is too old to be trusted, so the owner reads the store. */
    @Test
    void require_ofAnOwnerThatSlept_seesWhoTookTheJobOver() {
        AtomicReference<Instant> now = new AtomicReference<>(NOW);
        Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
        Clock moving = new Clock() {
            @Override
            public ZoneId getZone() {
                return clock.getZone();
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return clock.withZone(zone);
            }

            @Override
            public Instant instant() {
                return now.get();
            }
        };
        try (JobOwner slept =
                JobOwner.claim(Cache.builder().driver(store).clock(moving).build(), "job", "slept")) {
            claimElsewhere(2, NOW);
            assertThatCode(slept::require).doesNotThrowAnyException();

            now.set(NOW.plus(JobOwner.EXPIRY));

            assertThatThrownBy(slept::require)
                    .isInstanceOf(JobInUseException.class)
                    .hasMessageContaining("host-b");
        }
    }

    @Test
    void claim_byManyAtOnce_isGivenToOne() throws Exception {
        int claimers = 16;
        CountDownLatch begin = new CountDownLatch(1);
        ExecutorService threads = Executors.newFixedThreadPool(claimers);
        try {
            List<Callable<Boolean>> claims = IntStream.range(0, claimers)
                    .<Callable<Boolean>>mapToObj(i -> () -> {
                        begin.await();
                        try {
                            return JobOwner.claim(cache, "job", "claimer " + i).epoch() == 1;
                        } catch (JobInUseException e) {
                            return false;
                        }
                    })
                    .toList();
            List<Future<Boolean>> started = claims.stream().map(threads::submit).toList();
            begin.countDown();
            int taken = 0;
            for (Future<Boolean> claim : started) {
                taken += claim.get() ? 1 : 0;
            }
            assertThat(taken).isEqualTo(1);
        } finally {
            threads.shutdownNow();
        }
    }
}
