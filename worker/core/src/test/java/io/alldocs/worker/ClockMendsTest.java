package io.alldocs.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.sync.RegistrySync;
import io.alldocs.sync.SyncForm;
import io.alldocs.sync.SyncJob;
import io.alldocs.worker.internal.jobs.Coordination;
import io.alldocs.worker.internal.jobs.CoordinationRecords;
import io.alldocs.worker.internal.jobs.Coordinator;
import io.alldocs.worker.internal.jobs.KnownSets;
import io.alldocs.worker.internal.progress.SetsProgress;
import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.Settlement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests records that were written while the clock was a day ahead and read after the clock was corrected. */
@Timeout(120)
class ClockMendsTest {
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final TurnedClock clock = new TurnedClock();

    @Nested
    class DurableQueue {
        private final MemoryStorageDriver store = new MemoryStorageDriver();

        private LocalWorkQueue open() {
            return LocalWorkQueue.builder()
                    .options(Bench.OPTIONS)
                    .store(store)
                    .clock(clock)
                    .build();
        }

        private List<Lease> take(LocalWorkQueue queue) throws InterruptedException {
            return queue.reserve(10, Duration.ZERO);
        }

        @Test
        void delay_isAsLongAsItWas() throws Exception {
            clock.advance(DAY);
            try (LocalWorkQueue queue = open()) {
                queue.enqueue(List.of(WorkItem.of("t", "a")), HOUR);
            }
            clock.advance(DAY.negated());
            open().close(); // another start does not restart the delay
            clock.advance(HOUR.minus(MINUTE));
            try (LocalWorkQueue queue = open()) {
                assertThat(take(queue)).isEmpty();
                clock.advance(MINUTE.multipliedBy(2));
                assertThat(take(queue)).hasSize(1);
            }
        }

        @Test
        void whatWaited_waits() throws Exception {
            clock.advance(DAY);
            try (LocalWorkQueue queue = open()) {
                queue.enqueue(WorkItem.of("t", "a"));
            }
            clock.advance(DAY.negated());
            try (LocalWorkQueue queue = open()) {
                assertThat(take(queue)).hasSize(1);
            }
        }

        @Test
        void delay_ofAQueueWhoseClockWasSetBack_isAsLongAsItWas() throws Exception {
            clock.advance(DAY);
            try (LocalWorkQueue queue = open()) {
                queue.sizes();
                clock.advance(DAY.negated());
                queue.enqueue(List.of(WorkItem.of("t", "a")), HOUR);
            }
            try (LocalWorkQueue queue = open()) {
                assertThat(take(queue)).isEmpty();
                clock.advance(HOUR.plus(MINUTE));
                assertThat(take(queue)).hasSize(1);
            }
        }

        @Test
        void longDelay_ofAClockThatIsRight_stays() throws Exception {
            try (LocalWorkQueue queue = open()) {
                queue.enqueue(List.of(WorkItem.of("t", "a")), DAY);
            }
            clock.advance(DAY.minus(HOUR));
            try (LocalWorkQueue queue = open()) {
                assertThat(take(queue)).isEmpty();
                clock.advance(HOUR.plus(MINUTE));
                assertThat(take(queue)).hasSize(1);
            }
        }
    }

    @Nested
    class Jobs {
        private final QueueOptions shortLease = new QueueOptions(
                "test",
                3,
                Duration.ofMillis(20),
                Duration.ofMillis(100),
                Duration.ofSeconds(1),
                3,
                Duration.ofSeconds(1),
                0);

        private void run(Scenario scenario) throws Exception {
            try (EmbeddedRegistry registry =
                            EmbeddedRegistry.builder().names(100).start();
                    Bench bench = new Bench();
                    Cache cache =
                            Cache.builder().driver(bench.driver).clock(clock).build();
                    LocalWorkQueue queue =
                            LocalWorkQueue.builder().options(shortLease).build();
                    Worker worker = bench.worker()
                            .queue(queue)
                            .cache(cache)
                            .partitions(bench.partitions(registry.origin(), 50, cache))
                            .packuments(bench.packuments(registry.origin(), cache))
                            .build()) {
                SyncJob job = SyncJob.builder()
                        .origin(registry.origin())
                        .registry(registry.origin())
                        .form(SyncForm.FULL)
                        .build();
                scenario.play(registry, cache, queue, worker, job);
            }
        }

        private interface Scenario {
            void play(EmbeddedRegistry registry, Cache cache, LocalWorkQueue queue, Worker worker, SyncJob job)
                    throws Exception;
        }

        private Coordination claimed(Worker worker, SyncJob job) {
            return new Coordination("all", job, worker.context().sync(job).claimShared("a test"), 0);
        }

        private Coordinator coordinator(Coordination known, Cache cache, Worker worker) {
            CoordinationRecords records = new CoordinationRecords(cache);
            records.begin(known, worker.context().queueName());
            return new Coordinator(known, records, worker.context());
        }

        /** Prevents the queue from being treated as one that has lost all its items. */
        private void enqueueOthers(LocalWorkQueue queue) {
            queue.enqueue(List.of(WorkItem.of("other", "one"), WorkItem.of("other", "two")), HOUR);
        }

        private void lose(LocalWorkQueue queue) throws InterruptedException {
            queue.settle(queue.reserve(100, Duration.ZERO).stream()
                    .map(Settlement.Done::new)
                    .toList());
        }

        @Test
        void nextLook_dueInADay_isLost_andAddedAgain() throws Exception {
            run((registry, cache, queue, worker, job) -> {
                enqueueOthers(queue);
                Coordination known = claimed(worker, job);
                new KnownSets(cache).add("all", job.id(), true, earlier -> false);
                clock.advance(DAY);
                new CoordinationRecords(cache).looked(known, worker.context().queueName(), Duration.ZERO);
                clock.advance(DAY.negated());

                worker.start();
                SetsProgress sets = new SetsProgress(worker.context());
                Await.until(
                        "complete",
                        () -> sets.look().stream().anyMatch(view -> view.state().equals("complete")));
            });
        }

        @Test
        void itemsWithoutProgressSinceTomorrow_areAddedAgain_whenTheyAreLost() throws Exception {
            run((registry, cache, queue, worker, job) -> {
                Coordination known = claimed(worker, job);
                clock.advance(DAY);
                coordinator(known, cache, worker).look();
                assertThat(queue.sizes().waiting()).isPositive();
                lose(queue);
                enqueueOthers(queue);
                clock.advance(DAY.negated());

                coordinator(known, cache, worker).look();
                assertThat(queue.sizes().waiting()).isZero();
                clock.advance(Duration.ofSeconds(20));
                coordinator(known, cache, worker).look();
                assertThat(queue.sizes().waiting()).isPositive();
            });
        }

        @Test
        void partitionsListedTomorrow_areListedAgainOnceADay() throws Exception {
            run((registry, cache, queue, worker, job) -> {
                try (RegistrySync single = RegistrySync.builder()
                        .env(Env.of(Map.of()))
                        .job(job)
                        .cache(cache)
                        .build()) {
                    single.bootstrap();
                }
                Coordination known = claimed(worker, job);
                known.follow = true;
                known.phase = Coordination.Phase.FOLLOW;
                known.refreshedAtMillis = clock.millis() + DAY.toMillis();
                registry.publish(registry.names().get(3));

                Coordinator coordinator = coordinator(known, cache, worker);
                coordinator.look(); // the change
                coordinator.look(); // the end of the feed
                assertThat(known.phase).isEqualTo(Coordination.Phase.REFRESH);
                coordinator.look();

                assertThat(known.refreshedAtMillis).isLessThanOrEqualTo(clock.millis());
                assertThat(queue.sizes().waiting()).as("the stale partition").isPositive();
            });
        }
    }
}
