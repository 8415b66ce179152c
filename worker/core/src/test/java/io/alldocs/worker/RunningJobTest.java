package io.alldocs.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import io.alldocs.examples.registry.Fault;
import io.alldocs.sync.RegistrySync;
import io.alldocs.sync.SyncForm;
import io.alldocs.sync.SyncJob;
import io.alldocs.worker.internal.context.ItemProcessor;
import io.alldocs.worker.internal.jobs.Coordination;
import io.alldocs.worker.internal.jobs.CoordinationRecords;
import io.alldocs.worker.internal.jobs.JobItems;
import io.alldocs.worker.internal.jobs.StepProcessors;
import io.alldocs.worker.internal.lease.Hold;
import io.alldocs.worker.internal.lease.LeaseManager;
import io.alldocs.worker.internal.progress.SetsProgress;
import io.alldocs.worker.internal.progress.SetsProgress.View;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.QueueSizes;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests a job that workers run: a second {@code partition-set} for it, dead letters, and a lost coordinator. */
@Timeout(300)
class RunningJobTest {
    private static final int NAMES = 400;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final EmbeddedRegistry registry =
            EmbeddedRegistry.builder().names(NAMES).start();
    private final Bench bench = new Bench();

    @AfterEach
    void end() {
        bench.close();
        registry.close();
    }

    private static ObjectNode payload() {
        return JsonNodeFactory.instance.objectNode().put("set", "all").put("packuments", true);
    }

    private static WorkItem plan(ObjectNode payload) {
        return WorkItem.of("partition-set", "partition-set:all", payload);
    }

    private void awaitBegun() throws Exception {
        Await.until("packuments are fetched", () -> registry.requests().count(Endpoint.PACKUMENT) > 0);
    }

    private void awaitState(Worker worker, String state) throws Exception {
        SetsProgress sets = new SetsProgress(worker.context());
        Await.until(
                state, () -> sets.look().stream().anyMatch(view -> view.state().equals(state)));
    }

    private RegistrySync sync() {
        SyncJob job = SyncJob.builder()
                .origin(registry.origin())
                .registry(registry.origin())
                .form(SyncForm.FULL)
                .build();
        return RegistrySync.builder()
                .env(Env.of(Map.of()))
                .job(job)
                .cache(bench.cache)
                .build();
    }

    @Test
    void follow_switchedOnWhileTheJobRuns_keepsItCurrent_andSwitchedOff_endsIt() throws Exception {
        try (Worker worker = bench.worker(registry.origin(), 50).build().start()) {
            bench.queue.enqueue(plan(payload().put("targetRows", 50).put("batch", 10)));
            awaitBegun();

            assertThat(bench.queue.enqueue(plan(payload().put("follow", true)))).isTrue();
            awaitState(worker, "follow");
            String changed = registry.names().get(7);
            registry.publish(changed);
            Await.until("the change is stored", () -> isCurrent(changed));

            assertThat(bench.queue.enqueue(plan(payload()))).isTrue(); // does not set follow
            assertThat(bench.queue.enqueue(plan(payload().put("follow", false))))
                    .as("the one before may be in the queue still")
                    .isIn(true, false);
            Await.until("switched off", () -> {
                bench.queue.enqueue(plan(payload().put("follow", false)));
                return new SetsProgress(worker.context())
                        .look().stream().anyMatch(view -> view.state().equals("complete"));
            });
            assertThat(worker.awaitIdle(PATIENCE)).isTrue();
            assertThat(bench.queue.sizes()).isEqualTo(new QueueSizes(0, 0, 0, 0));
        }
    }

    private boolean isCurrent(String name) {
        return bench.cache
                .head(CacheKey.packument(registry.origin(), name))
                .map(EntryMetadata::rev)
                .equals(registry.rev(name));
    }

    @Test
    void secondPartitionSet_ofARunningJob_changesNeitherPlanNorBatches() throws Exception {
        try (Worker worker = bench.worker(registry.origin(), 50).build().start()) {
            bench.queue.enqueue(plan(payload().put("targetRows", 50).put("batch", 10)));
            awaitBegun();

            assertThat(bench.queue.enqueue(plan(payload().put("targetRows", 200).put("batch", 100))))
                    .isTrue();
            assertThat(worker.awaitIdle(PATIENCE)).isTrue();

            assertThat(new SetsProgress(worker.context()).look())
                    .singleElement()
                    .satisfies(view -> {
                        assertThat(view.state()).isEqualTo("complete");
                        assertThat(view.progress().orElseThrow().partitions()).isGreaterThanOrEqualTo(7);
                        assertThat(view.coordinator().orElseThrow().known().batch)
                                .isEqualTo(10);
                    });
        }
        assertThat(registry.requests().count(Endpoint.PACKUMENT)).isEqualTo(NAMES);
    }

    @Test
    void batchInProgress_isCountedByItsWorkerBeforeItsEnd() throws Exception {
        registry.faults().set(Fault.latency(Duration.ofMillis(20)).on(Endpoint.PACKUMENT));
        try (Worker worker = bench.worker(registry.origin(), 50).build().start()) {
            String job = sync().job().id();
            bench.queue.enqueue(plan(payload().put("targetRows", NAMES).put("batch", NAMES)));
            Await.until("names of the batch", () -> worker.namesInProgress(job) > 0);

            View view = new SetsProgress(worker.context()).look().get(0);
            assertThat(view.progress().orElseThrow().withOutcome()).isZero();
            assertThat(view.toJson(7).at("/packuments/running").asInt()).isEqualTo(7);
            assertThat(worker.namesInProgress("other")).isZero();

            assertThat(worker.awaitIdle(PATIENCE)).isTrue();
            assertThat(worker.namesInProgress(job)).isZero();
            WorkerStatus status = worker.status();
            assertThat(status.types().get("sync-fetch").units()).isEqualTo(NAMES);
            assertThat(status.unitsPerSecond().stream()
                            .mapToLong(Long::longValue)
                            .sum())
                    .as("each unit once, except those of the current second")
                    .isLessThanOrEqualTo(status.types().values().stream()
                            .mapToLong(WorkerStatus.Counts::units)
                            .sum());
        }
    }

    @Test
    void pagesOfNames_lostWhileTheJobRuns_areListedAgain() throws Exception {
        registry.faults().set(Fault.latency(Duration.ofMillis(20)).on(Endpoint.PACKUMENT));
        try (Worker worker = bench.worker(registry.origin(), 50).build().start()) {
            bench.queue.enqueue(plan(payload().put("targetRows", 50).put("batch", 10)));
            awaitBegun();
            losePages();

            assertThat(worker.awaitIdle(PATIENCE)).isTrue();

            awaitState(worker, "complete");
            assertThat(bench.queue.sizes()).isEqualTo(new QueueSizes(0, 0, 0, 0));
        }
        assertThat(registry.requests().count(Endpoint.PACKUMENT)).isEqualTo(NAMES);
        assertThat(sync().reportStored().names()).isEqualTo(NAMES);
    }

    @Test
    void pagesOfNames_lostAfterEachListing_endTheJobAfterAFewListings() throws Exception {
        ItemProcessor real = fetchStep();
        Processor losing = new Processor() {
            @Override
            public String type() {
                return JobItems.FETCH;
            }

            @Override
            public WorkResult process(WorkItem item, WorkContext context) throws InterruptedException {
                losePages();
                return real.process(item, context.item());
            }
        };
        try (Worker worker =
                bench.worker(registry.origin(), 50).processor(losing).build().start()) {
            bench.queue.enqueue(plan(payload().put("targetRows", 50).put("batch", 50)));

            awaitState(worker, "partial");
        }
        assertThat(sync().reportStored().state().givenUp().values())
                .anySatisfy(reason -> assertThat(reason).contains("lost the stored pages of partition"));
        assertThat(registry.requests().count(Endpoint.PACKUMENT)).isZero();
    }

    private void losePages() {
        try (Stream<String> keys = bench.cache.keys("v1:partition:")) {
            bench.cache.deleteAll(keys.toList());
        }
    }

    @Test
    void setName_ofARunningJob_givenToAnotherJob_showsAndFinishesBoth() throws Exception {
        try (Worker worker = bench.worker(registry.origin(), 50).build().start()) {
            bench.queue.enqueue(plan(payload().put("targetRows", 50).put("batch", 10)));
            awaitBegun();

            bench.queue.enqueue(
                    plan(JsonNodeFactory.instance.objectNode().put("set", "all").put("end", "m")));
            assertThat(worker.awaitIdle(PATIENCE)).isTrue();

            assertThat(new SetsProgress(worker.context()).look())
                    .hasSize(2)
                    .allSatisfy(view -> assertThat(view.state()).isEqualTo("complete"))
                    .extracting(View::packuments)
                    .containsExactlyInAnyOrder(true, false);
        }
    }

    private static ItemProcessor fetchStep() {
        return StepProcessors.all().stream()
                .filter(each -> each.type().equals(JobItems.FETCH))
                .findFirst()
                .orElseThrow();
    }

    /** Fails permanently in one partition. */
    private static Processor failingIn(int partition) {
        ItemProcessor real = fetchStep();
        return new Processor() {
            @Override
            public String type() {
                return JobItems.FETCH;
            }

            @Override
            public WorkResult process(WorkItem item, WorkContext context) throws InterruptedException {
                if (item.payload().path("partition").asInt() == partition) {
                    throw WorkException.permanent("This partition cannot be fetched.", null);
                }
                return real.process(item, context.item());
            }
        };
    }

    @Test
    void deadItems_makeTheJobPartial_andTheReportNamesThem_untilTheyAreDone() throws Exception {
        ObjectNode payload = payload().put("targetRows", 50).put("batch", 10);
        bench.queue.enqueue(plan(payload));
        try (Worker worker = bench.worker(registry.origin(), 50)
                .processor(failingIn(1))
                .build()
                .start()) {
            assertThat(worker.awaitIdle(PATIENCE)).isTrue();
            assertThat(new SetsProgress(worker.context()).look())
                    .singleElement()
                    .satisfies(view -> assertThat(view.state()).isEqualTo("partial"));
        }
        long dead = bench.queue.sizes().dead();
        assertThat(dead).isPositive();
        try (RegistrySync sync = sync()) {
            assertThat(sync.reportStored().state().givenUp())
                    .hasSize((int) dead)
                    .allSatisfy((item, reason) -> {
                        assertThat(item).contains(":fetch:1:");
                        assertThat(reason).isEqualTo("This partition cannot be fetched.");
                    });
            assertThat(sync.reportStored().toJson().at("/state/givenUp")).hasSize((int) dead);
            assertThat(sync.reportStored().missing()).isPositive();
        }

        bench.queue.enqueue(plan(payload));
        try (Worker worker = bench.worker(registry.origin(), 50).build().start()) {
            assertThat(worker.awaitIdle(PATIENCE)).isTrue();
            awaitState(worker, "complete");
        }
        try (RegistrySync sync = sync()) {
            assertThat(sync.reportStored().state().givenUp()).isEmpty();
            assertThat(sync.reportStored().missing()).isZero();
        }
    }

    @Test
    void deadItems_retriedWhileTheJobRuns_areNoLongerReported() throws Exception {
        bench.queue.enqueue(
                plan(payload().put("targetRows", 50).put("batch", 10).put("follow", true)));
        try (Worker worker = bench.worker(registry.origin(), 50)
                .processor(failingIn(1))
                .build()
                .start()) {
            awaitState(worker, "follow");
            assertThat(bench.queue.sizes().dead()).isPositive();
        }
        try (Worker worker = bench.worker(registry.origin(), 50).build().start()) {
            DeadLetters.retryAll(bench.queue);
            Await.until("ended", () -> {
                bench.queue.enqueue(plan(payload().put("follow", false)));
                return new SetsProgress(worker.context())
                        .look().stream().anyMatch(view -> view.state().equals("complete"));
            });
        }
    }

    /** Runs a pass over the job and drops it, like a worker that crashes each time or a queue that loses its items. */
    private static final class LosingCoordinator implements Processor {
        @Override
        public String type() {
            return JobItems.COORDINATE;
        }

        @Override
        public WorkResult process(WorkItem item, WorkContext context) {
            Coordination known = Coordination.of(item.payload().as(JsonNode.class));
            new CoordinationRecords(context.checkpoints())
                    .begin(known, context.item().queueName());
            return WorkResult.of(0);
        }
    }

    @Test
    void coordinator_thatIsLostEachTime_isAddedAFewTimes_andThenSaysSo() throws Exception {
        QueueOptions shortLease = new QueueOptions(
                "test",
                3,
                Duration.ofMillis(20),
                Duration.ofMillis(100),
                Duration.ofSeconds(1),
                3,
                Duration.ofSeconds(1),
                0);
        TurnedClock clock = new TurnedClock();
        try (Cache cache = Cache.builder().driver(bench.driver).clock(clock).build();
                LocalWorkQueue queue =
                        LocalWorkQueue.builder().options(shortLease).build();
                Worker worker = bench.worker()
                        .queue(queue)
                        .cache(cache)
                        .partitions(bench.partitions(registry.origin(), 50, cache))
                        .packuments(bench.packuments(registry.origin(), cache))
                        .processor(new LosingCoordinator())
                        .build()
                        .start()) {
            queue.enqueue(plan(payload()));

            Await.until("ended", () -> {
                clock.advance(Duration.ofSeconds(1));
                return new SetsProgress(worker.context())
                        .look().stream()
                                .flatMap(view -> view.coordinator().stream())
                                .anyMatch(CoordinationRecords.Latest::ended);
            });

            View view = new SetsProgress(worker.context()).look().get(0);
            assertThat(view.state()).isNotEqualTo("complete");
            assertThat(view.toJson(0).path("problem").asText())
                    .contains("lost 4 times in a row", "partition-set again");
        }
    }

    /** The clock is not advanced: nothing is overdue for an hour. */
    @Test
    void queue_thatHasLostEverything_isFilledAgainAtOnce() throws Exception {
        QueueOptions longLease = new QueueOptions(
                "test",
                3,
                Duration.ofMillis(20),
                Duration.ofMillis(100),
                Duration.ofHours(1),
                3,
                Duration.ofSeconds(1),
                0);
        try (LocalWorkQueue first = LocalWorkQueue.builder().options(longLease).build();
                Worker worker = bench.worker(registry.origin(), 50)
                        .queue(first)
                        .processor(new LosingCoordinator())
                        .build()
                        .start()) {
            first.enqueue(plan(payload()));
            assertThat(worker.awaitIdle(PATIENCE)).isTrue();
        }
        try (LocalWorkQueue empty = LocalWorkQueue.builder().options(longLease).build();
                Worker worker =
                        bench.worker(registry.origin(), 50).queue(empty).build().start()) {
            awaitState(worker, "complete");
            assertThat(worker.awaitIdle(PATIENCE)).isTrue();
        }
        assertThat(registry.requests().namesAskedAtLeast(1)).isEqualTo(NAMES);
        assertThat(registry.repeatedRequests()).isZero();
    }

    @Test
    void look_begunTwice_isRefusedToTheFirst_andALaterOneToBoth() {
        SyncJob job = SyncJob.builder()
                .origin(registry.origin())
                .registry(registry.origin())
                .form(SyncForm.FULL)
                .build();
        Coordination known = new Coordination("all", job, 1, 0);
        CoordinationRecords first = new CoordinationRecords(bench.cache);
        CoordinationRecords second = new CoordinationRecords(bench.cache);
        CoordinationRecords third = new CoordinationRecords(bench.cache);

        assertThat(first.begin(known, "q")).isTrue();
        first.requireLatest(known);
        assertThat(second.begin(known, "q")).as("its lease ran out").isTrue();
        second.requireLatest(known);
        assertSuperseded(first, known);

        second.looked(known, "q", Duration.ZERO);
        Coordination next = Coordination.of(known.toJson());
        next.tick++;
        assertThat(third.begin(next, "q")).isTrue();
        assertSuperseded(second, known);
        assertThat(new CoordinationRecords(bench.cache).begin(known, "q"))
                .as("an earlier look")
                .isFalse();

        try (RegistrySync sync = sync()) {
            long claim = sync.claimShared("a fleet");
            org.assertj.core.api.Assertions.assertThatThrownBy(() ->
                            sync.steps(claim, () -> first.requireLatest(known)).plan())
                    .isInstanceOf(CoordinationRecords.SupersededException.class);
            assertThat(sync.state().begun()).as("nothing was written").isEqualTo(java.time.Instant.EPOCH);
        }
    }

    private static void assertSuperseded(CoordinationRecords records, Coordination known) {
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> records.requireLatest(known))
                .isInstanceOf(CoordinationRecords.SupersededException.class)
                .hasMessageContaining("taken over the coordination of all");
    }

    @Test
    void leases_thatAreNotRenewedInTime_areNoticed() throws Exception {
        WatchedRenewals queue = new WatchedRenewals();
        List<WorkItem> lost = new CopyOnWriteArrayList<>();
        LeaseManager leaseManager = new LeaseManager(queue.queue, 10, failure -> {}, lost::add);
        try {
            leaseManager.start();
            queue.delegate.enqueue(List.of(WorkItem.of("t", "a")), Duration.ZERO);
            Hold hold = leaseManager.hold(Objects.requireNonNull(leaseManager.next()));
            Await.until("renewed", () -> queue.renewals.get() > 1);
            Await.until("protected", () -> hold.unprotectedSince().isEmpty());

            queue.away = true;
            Await.until("noticed", () -> hold.unprotectedSince().isPresent());
            // The worker detects the loss before the lease ends in the queue; a renewal in between would keep the
            // lease.
            Hold again = leaseManager.hold(Objects.requireNonNull(leaseManager.next()));
            queue.away = false;
            Await.until("told", hold::isLost);
            assertThat(hold.unprotectedSince()).isPresent();
            Await.until("reported to the listener", () -> !lost.isEmpty());
            assertThat(lost.get(0).id()).isEqualTo("a");
            while (again.isLost()) { // a slow machine may lose this lease too; then the queue leases the item again
                again = leaseManager.hold(Objects.requireNonNull(leaseManager.next()));
            }
        } finally {
            leaseManager.stopFetching(2);
            leaseManager.close(PATIENCE);
            queue.delegate.close();
        }
    }
}
