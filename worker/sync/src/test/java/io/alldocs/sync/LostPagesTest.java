package io.alldocs.sync;

import static io.alldocs.sync.TestSync.assertCurrent;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.cache.Cache;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests a store that has lost pages of names, while the job's records still state that they are stored. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LostPagesTest {
    private static final int NAMES = 700;

    private final MemoryStorageDriver store = new MemoryStorageDriver();
    private final Cache cache = Cache.builder().driver(store).build();

    private static EmbeddedRegistry registry() {
        return EmbeddedRegistry.builder().names(NAMES).mixedStates(false).start();
    }

    private RegistrySync open(EmbeddedRegistry registry) {
        return TestSync.builder(registry, cache).build();
    }

    private long pages() {
        try (Stream<String> keys = store.list("v1:partition:", null)) {
            return keys.count();
        }
    }

    /** Plans several partitions, so that one may be lost while another is read. */
    private static void plan(RegistrySync sync) {
        try (JobOwner owner = sync.claim("a plan")) {
            assertThat(sync.steps(owner.epoch())
                            .plan(100, List.of())
                            .partitions()
                            .size())
                    .isGreaterThan(3);
        }
    }

    private void losePages() {
        List<String> pages;
        try (Stream<String> keys = store.list("v1:partition:", null)) {
            pages = keys.toList();
        }
        assertThat(pages).isNotEmpty();
        pages.forEach(store::delete);
    }

    @Test
    void bootstrap_pagesLostWhileItFetches_listsThemAgainAndCompletes() {
        AtomicInteger losses = new AtomicInteger(1);
        Cache losing = Cache.builder()
                .driver(HookedStore.of(store, (method, key) -> {
                    if (key.startsWith("v1:packument:") && losses.getAndDecrement() > 0) {
                        losePages();
                    }
                }))
                .build();
        try (EmbeddedRegistry registry = registry();
                RegistrySync planning = open(registry);
                RegistrySync sync =
                        TestSync.builder(registry, losing).concurrency(1).build()) {
            plan(planning);

            SyncResult result = sync.bootstrap();

            assertThat(result.status()).as(result.reason()).isEqualTo(SyncResult.Status.COMPLETE);
            assertThat(pages()).isEqualTo(result.proof().pages());
            assertCurrent(sync, registry);
            assertThat(registry.requests().count(Endpoint.PACKUMENT)).isEqualTo(NAMES);
        }
    }

    @Test
    void bootstrap_storeLosesEveryPageAtOnce_endsWithTheReason() {
        Cache losing = Cache.builder()
                .driver(HookedStore.of(store, (method, key) -> {
                    if (key.startsWith("v1:partition:") && method.startsWith("get")) {
                        store.delete(key);
                    }
                }))
                .build();
        try (EmbeddedRegistry registry = registry();
                RegistrySync sync = TestSync.builder(registry, losing).build()) {
            SyncResult result = sync.bootstrap();

            assertThat(result.status()).isEqualTo(SyncResult.Status.PARTIAL);
            assertThat(result.reason()).contains("lost", "stored pages");
        }
    }

    @Test
    void follow_pagesLostBeforePartitionsAreListedAgain_listsThemAndContinues() {
        try (EmbeddedRegistry registry = registry();
                RegistrySync sync = open(registry)) {
            plan(sync);
            sync.bootstrap();
            losePages();
            registry.publish(registry.names().get(3));

            boolean isCurrent = sync.follow(FollowOptions.DEFAULT
                    .interval(Duration.ofMillis(2), Duration.ofMillis(10))
                    .listEvery(Duration.ofNanos(1))
                    .until(FollowOptions.Until.IDLE));

            assertThat(isCurrent).isTrue();
            assertThat(sync.reportStored().names()).isEqualTo(NAMES);
            assertCurrent(sync, registry);
        }
    }

    @Test
    void steps_pagesOfABatchAreLost_partitionIsListedAndFetched() {
        try (EmbeddedRegistry registry = registry();
                RegistrySync sync = open(registry);
                JobOwner owner = sync.claim("a fleet")) {
            SyncSteps steps = sync.steps(owner.epoch()).withBatchesOf(100);
            steps.plan(350, List.of()).unlisted().forEach(steps::list);
            steps.fetch(0, 0);
            losePages();

            assertThatThrownBy(() -> steps.fetch(1, 0))
                    .isInstanceOf(UnlistedException.class)
                    .hasMessageContaining("stored pages");

            assertThat(steps.plan().unlisted()).containsExactly(1);
            assertThatThrownBy(() -> steps.openBatches(1))
                    .isInstanceOf(UnlistedException.class)
                    .hasMessageContaining("not listed");
            assertThatThrownBy(() -> steps.fetch(0, 1)).isInstanceOf(UnlistedException.class);
            complete(steps);
            assertThat(steps.prove(Map.of()).status()).isEqualTo(SyncResult.Status.COMPLETE);
            assertCurrent(sync, registry);
        }
    }

    /** Lists and fetches until nothing is left, as a coordinator does. */
    private static void complete(SyncSteps steps) {
        for (JobPlan plan = steps.plan();
                !plan.unlisted().isEmpty() || !plan.unfetched().isEmpty();
                plan = steps.plan()) {
            plan.unlisted().forEach(steps::list);
            plan.unfetched().forEach(partition -> fetch(steps, partition));
        }
        TestSync.replay(steps);
        steps.settle();
    }

    private static void fetch(SyncSteps steps, int partition) {
        try {
            steps.openBatches(partition).forEach(batch -> steps.fetch(partition, batch));
        } catch (UnlistedException e) {
            assertThat(steps.plan().unlisted()).contains(partition);
        }
    }

    @Test
    void steps_pagesLostAfterAFeedReset_areListedBeforeVanishedNamesAreRequested() {
        try (EmbeddedRegistry registry = registry();
                RegistrySync sync = open(registry);
                JobOwner owner = sync.claim("a fleet")) {
            SyncSteps steps = sync.steps(owner.epoch());
            steps.plan();
            complete(steps);
            steps.reconcile();
            steps.plan();
            complete(steps);
            losePages();

            assertThatThrownBy(steps::fetchVanished).isInstanceOf(UnlistedException.class);

            assertThat(steps.plan().unlisted()).isNotEmpty();
            complete(steps);
            steps.fetchVanished();
            assertThat(steps.prove(Map.of()).status()).isEqualTo(SyncResult.Status.COMPLETE);
        }
    }

    @Test
    void beginRun_pagesWereLostSinceTheLastRun_areListedAgain() {
        try (EmbeddedRegistry registry = registry();
                RegistrySync sync = open(registry)) {
            sync.bootstrap();
            losePages();
            registry.requests().reset();
            try (JobOwner owner = sync.claim("a fleet")) {
                SyncSteps steps = sync.steps(owner.epoch());
                steps.beginRun();

                assertThat(steps.plan().unlisted())
                        .hasSize(steps.plan().partitions().size());
                complete(steps);

                assertThat(steps.prove(Map.of()).status()).isEqualTo(SyncResult.Status.COMPLETE);
            }
            assertThat(registry.requests().count(Endpoint.PACKUMENT)).isZero();
            assertThat(sync.reportStored().names()).isEqualTo(NAMES);
        }
    }
}
