package io.alldocs.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.cache.Cache;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import io.alldocs.examples.registry.Fault;
import io.alldocs.partition.SequenceResetException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests two executors on one store: workers that run steps, and a process that runs the whole job. */
@Timeout(180)
class SyncStepsTest {
    private final MemoryStorageDriver store = new MemoryStorageDriver();

    private RegistrySync open(EmbeddedRegistry registry) {
        return TestSync.builder(registry, Cache.builder().driver(store).build()).build();
    }

    private static void assertWhole(RegistrySync sync, EmbeddedRegistry registry) {
        SyncReport report = sync.report();
        assertThat(report.status()).as(report.toJson().toPrettyString()).isEqualTo(SyncReport.Status.COMPLETE);
        assertThat(report.names()).isEqualTo(registry.names().size());
        for (String name : registry.names()) {
            assertThat(sync.packument(name).rev()).as(name).isEqualTo(registry.rev(name));
        }
    }

    /** Replays the feed, lists and fetches stale partitions again, and retries, as a coordinator does. */
    private static SyncResult catchUp(SyncSteps steps) {
        TestSync.replay(steps);
        for (int partition : steps.plan().stale()) {
            steps.list(partition);
            steps.openBatches(partition).forEach(batch -> steps.fetch(partition, batch));
        }
        TestSync.replay(steps);
        steps.settle();
        return steps.prove(Map.of());
    }

    @Test
    void steps_ofManyWorkers_equalTheOriginAndProveIt() throws Exception {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder()
                        .names(1_500)
                        .mixedStates(false)
                        .start();
                RegistrySync coordinator = open(registry);
                RegistrySync first = open(registry);
                RegistrySync second = open(registry);
                JobOwner owner = coordinator.claim("a fleet")) {
            List<SyncSteps> workers = List.of(
                    first.steps(owner.epoch()).withBatchesOf(100),
                    second.steps(owner.epoch()).withBatchesOf(100));
            SyncSteps steps = coordinator.steps(owner.epoch()).withBatchesOf(100);
            JobPlan plan = steps.plan(250, List.of());
            assertThat(plan.unlisted()).hasSize(plan.partitions().size()).hasSizeGreaterThan(4);
            ExecutorService threads = Executors.newFixedThreadPool(4);
            try {
                List<Future<?>> lists = new ArrayList<>();
                plan.unlisted()
                        .forEach(partition -> lists.add(
                                threads.submit(() -> workers.get(partition % 2).list(partition))));
                for (Future<?> list : lists) {
                    list.get();
                }
                List<Future<?>> fetches = new ArrayList<>();
                assertThat(steps.plan().unlisted()).isEmpty();
                steps.plan().unfetched().forEach(partition -> {
                    for (int number : steps.openBatches(partition)) {
                        fetches.add(threads.submit(() -> workers.get(number % 2).fetch(partition, number)));
                        fetches.add(threads.submit(
                                () -> workers.get((number + 1) % 2).fetch(partition, number)));
                    }
                });
                for (Future<?> fetch : fetches) {
                    fetch.get();
                }
            } finally {
                threads.shutdownNow();
            }
            assertThat(steps.plan().unfetched()).isEmpty();
            registry.publish(registry.names().get(3));
            registry.publish("brand-new");

            SyncResult proven = catchUp(steps);

            assertThat(proven.status()).as(proven.toJson().toPrettyString()).isEqualTo(SyncResult.Status.COMPLETE);
            assertWhole(coordinator, registry);
        }
    }

    @Test
    void bootstrap_ofAJobThatWorkersBegan_requestsWhatIsMissing() {
        try (EmbeddedRegistry registry =
                        EmbeddedRegistry.builder().names(700).mixedStates(false).start();
                RegistrySync worker = open(registry);
                RegistrySync process = open(registry)) {
            int fetched;
            try (JobOwner owner = worker.claim("a fleet")) {
                SyncSteps steps = worker.steps(owner.epoch());
                steps.plan(250, List.of()).unlisted().forEach(steps::list);
                assertThat(steps.fetch(0, 0)).isTrue();
                fetched = (int) registry.requests().count(Endpoint.PACKUMENT);
                assertThatThrownBy(process::bootstrap)
                        .isInstanceOf(JobInUseException.class)
                        .hasMessageContaining("a fleet");
            }
            registry.requests().reset();

            SyncResult result = process.bootstrap();

            assertThat(result.status()).isEqualTo(SyncResult.Status.COMPLETE);
            assertThat(registry.requests().count(Endpoint.ALL_DOCS)).isZero();
            assertThat(registry.requests().count(Endpoint.PACKUMENT)).isEqualTo(700 - fetched);
            assertWhole(process, registry);
        }
    }

    @Test
    void steps_ofAJobThatAProcessBegan_fetchWhatIsMissing() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder()
                        .names(2_100)
                        .mixedStates(false)
                        .start();
                RegistrySync worker = open(registry);
                RegistrySync process = open(registry)) {
            registry.faults().set(Fault.status(503, 1).on(Endpoint.PACKUMENT).after(700));
            SyncResult cut = process.bootstrap();
            assertThat(cut.status()).isNotEqualTo(SyncResult.Status.COMPLETE);
            registry.faults().clear();
            registry.requests().reset();
            try (JobOwner owner = worker.claim("a fleet")) {
                assertThat(owner.epoch()).isEqualTo(2);
                SyncSteps steps = worker.steps(owner.epoch());
                JobPlan plan = steps.plan();
                assertThat(plan.unlisted()).isEmpty();
                assertThat(plan.unfetched()).isNotEmpty();
                plan.unfetched()
                        .forEach(partition ->
                                assertThat(steps.fetch(partition, 0)).isTrue());

                assertThat(catchUp(steps).status()).isEqualTo(SyncResult.Status.COMPLETE);
            }
            assertThat(registry.requests().count(Endpoint.PACKUMENT)).isLessThanOrEqualTo(1_400);
            assertWhole(worker, registry);
        }
    }

    @Test
    void fetch_ofABatchWhoseRequestsFail_isIncompleteAndRepeatsOnlyThose() {
        try (EmbeddedRegistry registry =
                        EmbeddedRegistry.builder().names(200).mixedStates(false).start();
                RegistrySync worker = open(registry);
                JobOwner owner = worker.claim("a fleet")) {
            SyncSteps steps = worker.steps(owner.epoch());
            steps.plan();
            steps.list(0);
            registry.faults().set(Fault.status(503, 0.3).on(Endpoint.PACKUMENT));
            assertThatThrownBy(() -> steps.fetch(0, 0))
                    .isInstanceOf(IncompleteBatchException.class)
                    .hasMessageContaining("batch 0");
            registry.faults().clear();
            registry.requests().reset();

            assertThat(steps.fetch(0, 0)).isTrue();
            assertThat(registry.requests().count(Endpoint.PACKUMENT)).isBetween(1L, 150L);
        }
    }

    @Test
    void steps_afterAnotherClaim_areRefused() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(50).start();
                RegistrySync worker = open(registry);
                RegistrySync other = open(registry)) {
            JobOwner first = worker.claim("the first fleet");
            SyncSteps late = worker.steps(first.epoch());
            late.plan();
            first.close();
            try (JobOwner second = other.claim("the second fleet")) {
                assertThat(second.epoch()).isEqualTo(2);
                assertThatThrownBy(() -> late.list(0))
                        .isInstanceOf(JobInUseException.class)
                        .hasMessageContaining("the second fleet");
            }
        }
    }

    @Test
    void replay_afterAFeedReset_isReconciled() {
        try (EmbeddedRegistry registry =
                        EmbeddedRegistry.builder().names(300).mixedStates(false).start();
                RegistrySync worker = open(registry)) {
            assertThat(worker.bootstrap().status()).isEqualTo(SyncResult.Status.COMPLETE);
            String gone = registry.names().get(7);
            registry.delete(gone);
            registry.publish(registry.names().get(9));
            registry.resetSequence();
            try (JobOwner owner = worker.claim("a fleet")) {
                SyncSteps steps = worker.steps(owner.epoch());
                assertThatThrownBy(steps::openWindow).isInstanceOf(SequenceResetException.class);
                registry.requests().reset();

                steps.reconcile();
                steps.plan().unlisted().forEach(steps::list);
                steps.plan().unfetched().forEach(partition -> steps.fetch(partition, 0));
                steps.fetchVanished();

                assertThat(catchUp(steps).status()).isEqualTo(SyncResult.Status.COMPLETE);
            }
            assertThat(registry.requests().namesAskedAtLeast(1)).isEqualTo(2);
            assertThat(worker.packument(gone).outcome()).isEqualTo(io.alldocs.packument.Outcome.NOT_FOUND);
        }
    }
}
