package io.alldocs.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.packument.NameFilter;
import io.alldocs.partition.Sequence;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests similar jobs on one cache, and several executors of one job. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class JobIdentityTest {
    private final EmbeddedRegistry registry = EmbeddedRegistry.builder()
            .names(List.of("a", "b", "c", "d"))
            .mixedStates(false)
            .start();
    private final Cache cache =
            Cache.builder().driver(new MemoryStorageDriver()).build();

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        registry.close();
    }

    private RegistrySync open(UnaryOperator<SyncJob.Builder> settings, SyncListener listener) {
        SyncJob.Builder job = SyncJob.builder().origin(registry.origin()).registry(registry.origin());
        return RegistrySync.builder()
                .env(Env.of(Map.of()))
                .job(settings.apply(job).build())
                .cache(cache)
                .listener(listener)
                .lagWait(Duration.ofMillis(10))
                .build();
    }

    private SyncResult bootstrap(UnaryOperator<SyncJob.Builder> settings) {
        try (RegistrySync sync = open(settings, SyncListener.NONE)) {
            return sync.bootstrap();
        }
    }

    private Path namesFile(String... names) throws Exception {
        return Files.write(folder.resolve("names.txt"), List.of(names));
    }

    @Test
    void bootstrap_namesFileChangedBetweenRuns_isAnotherJobThatDownloadsOnlyWhatIsNew() throws Exception {
        Path file = namesFile("a", "b");
        NameList first = NameList.open(file, "names");
        assertThat(bootstrap(job -> job.names(first)).status()).isEqualTo(SyncResult.Status.COMPLETE);
        NameList second = NameList.open(namesFile("b", "c"), "names");

        SyncResult result = bootstrap(job -> job.names(second));

        assertThat(result.status()).isEqualTo(SyncResult.Status.COMPLETE);
        assertThat(result.resumed()).isFalse();
        assertThat(result.names()).isEqualTo(2);
        assertThat(result.work().fetched()).isEqualTo(1);
        assertThat(result.work().unchanged()).isEqualTo(1);
        assertThat(JobState.all(cache)).hasSize(2);
    }

    @Test
    void bootstrap_namesFileChangedAfterItWasChecked_saysSoAndIsNotComplete() throws Exception {
        NameList checked = NameList.open(namesFile("a", "b"), "names");
        namesFile("a", "c");

        SyncResult result = bootstrap(job -> job.names(checked));

        assertThat(result.status()).isEqualTo(SyncResult.Status.PARTIAL);
        assertThat(result.cause()).isInstanceOf(NameListException.class);
        assertThat(result.reason()).contains("changed after they were checked");
        namesFile("a", "b");
        assertThat(bootstrap(job -> job.names(checked)).status()).isEqualTo(SyncResult.Status.COMPLETE);
    }

    @Test
    void bootstrap_anotherRegistry_isAnotherJobThatSharesNoPackument() {
        assertThat(bootstrap(job -> job).status()).isEqualTo(SyncResult.Status.COMPLETE);
        try (EmbeddedRegistry other = EmbeddedRegistry.builder()
                .names(List.of("a", "b", "c", "d"))
                .mixedStates(false)
                .start()) {
            SyncResult result = bootstrap(job -> job.registry(other.origin()));

            assertThat(result.status()).isEqualTo(SyncResult.Status.COMPLETE);
            assertThat(result.resumed()).isFalse();
            assertThat(result.work().fetched()).isEqualTo(4);
            assertThat(JobState.all(cache)).hasSize(2);
        }
    }

    @Test
    void bootstrap_anotherFilter_isTheSameJobThatFetchesWhatIsNewlyAllowed() {
        NameFilter some = NameFilter.of(List.of("a", "b"), List.of());
        SyncResult first = bootstrap(job -> job.filter(some));
        assertThat(first.status()).isEqualTo(SyncResult.Status.COMPLETE);
        assertThat(first.work().fetched()).isEqualTo(2);
        registry.publish("a");

        SyncResult wider = bootstrap(job -> job);
        SyncResult narrower = bootstrap(job -> job.filter(some));

        assertThat(wider.status()).isEqualTo(SyncResult.Status.COMPLETE);
        assertThat(wider.work().fetched()).isEqualTo(3);
        assertThat(narrower.status()).isEqualTo(SyncResult.Status.COMPLETE);
        assertThat(narrower.work().fetched()).isZero();
        assertThat(narrower.outcomes()).containsEntry("ok", 2L).containsEntry("denied", 2L);
        assertThat(JobState.all(cache)).hasSize(1);
    }

    @Test
    void follow_twice_isRefusedWhileTheFirstIsAtWork() throws Exception {
        CountDownLatch following = new CountDownLatch(1);
        SyncListener listener = new SyncListener() {
            @Override
            public void following(Sequence position) {
                following.countDown();
            }
        };
        try (RegistrySync sync = open(job -> job, listener);
                RegistrySync other = open(job -> job, SyncListener.NONE)) {
            CompletableFuture<Void> end = sync.start();
            assertThat(following.await(30, TimeUnit.SECONDS)).isTrue();

            assertThatThrownBy(() -> sync.follow(FollowOptions.DEFAULT))
                    .isInstanceOf(JobInUseException.class)
                    .hasMessageContaining("Another call of this RegistrySync");
            assertThatThrownBy(sync::start).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> other.follow(FollowOptions.DEFAULT))
                    .isInstanceOf(JobInUseException.class)
                    .hasMessageContaining("process " + ProcessHandle.current().pid());
            assertThatThrownBy(other::bootstrap).isInstanceOf(JobInUseException.class);
            assertThat(other.report().status()).isEqualTo(SyncReport.Status.COMPLETE);
            assertThat(end).isNotDone();
            assertThat(sync.status().state()).isEqualTo(SyncStatus.State.FOLLOWING);
        }
        assertThat(bootstrap(job -> job).status()).isEqualTo(SyncResult.Status.COMPLETE);
    }

    /** The status describes the latest call. */
    @Test
    void status_ofABootstrapAfterAFollow_isThatOfTheBootstrap() {
        CompletableFuture<SyncStatus> seen = new CompletableFuture<>();
        CompletableFuture<RegistrySync> opened = new CompletableFuture<>();
        SyncListener listener = new SyncListener() {
            @Override
            public void phaseStarted(SyncPhase phase, long total) {
                RegistrySync running = opened.getNow(null);
                if (running != null) {
                    seen.complete(running.status());
                }
            }
        };
        try (RegistrySync sync = open(job -> job, listener)) {
            sync.follow(FollowOptions.DEFAULT.until(FollowOptions.Until.IDLE));
            assertThat(sync.status().state()).isEqualTo(SyncStatus.State.STOPPED);
            assertThat(sync.status().position()).isNotNull();
            opened.complete(sync);

            sync.reload();

            assertThat(seen.join().state()).isEqualTo(SyncStatus.State.STARTING);
            assertThat(seen.join().phase()).isEqualTo(SyncPhase.PLAN);
        }
    }
}
