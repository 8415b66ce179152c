package io.alldocs.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.examples.registry.EmbeddedRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmptyStoreTest {
    @Test
    void bootstrap_namesOfAFile_readsNoEntryIfTheyAreInOrder(@TempDir Path folder) throws IOException {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names(100).mixedStates(false).start()) {
            List<String> names = new ArrayList<>(registry.names());
            assertThat(looksFor(registry, names, folder)).isZero();

            Collections.reverse(names);
            assertThat(looksFor(registry, names, folder)).isGreaterThanOrEqualTo(100);
        }
    }

    private static long looksFor(EmbeddedRegistry registry, List<String> names, Path folder) throws IOException {
        NameList file = NameList.open(
                Files.write(folder.resolve("names.txt"), names).toString(), InputStream.nullInputStream());
        CountedStore store = new CountedStore();
        SyncResult report = bootstrap(registry, store.driver(), Optional.of(file));
        assertThat(report.status()).isEqualTo(SyncResult.Status.COMPLETE);
        assertThat(store.calls("put")).isEqualTo(100);
        return store.calls("get") + store.calls("head") + store.calls("has");
    }

    @Test
    void bootstrap_namesOfAFileAgain_looksAtHeadsAlone_asLongAsTheyAreFresh(@TempDir Path folder) throws IOException {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names(100).mixedStates(false).start()) {
            NameList file = NameList.open(
                    Files.write(folder.resolve("names.txt"), registry.names()).toString(),
                    InputStream.nullInputStream());
            CountedStore store = new CountedStore();
            SyncJob job = SyncJob.builder()
                    .withoutOrigin()
                    .registry(registry.origin())
                    .names(file)
                    .build();
            assertThat(bootstrap(job, store.driver()).status()).isEqualTo(SyncResult.Status.COMPLETE);
            store.reset();
            registry.requests().reset();

            SyncResult second = bootstrap(job, store.driver());

            assertThat(second.status()).isEqualTo(SyncResult.Status.COMPLETE);
            assertThat(store.calls("head")).isEqualTo(100);
            assertThat(store.calls("get") + store.calls("put")).isZero();
            assertThat(registry.requests().total()).isZero();
        }
    }

    @Test
    void bootstrap_intoAnEmptyStore_readsNoEntryAndWritesEachOnce() {
        CountedStore store = new CountedStore();
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(300).start()) {
            SyncResult first = bootstrap(registry, store.driver(), Optional.empty());

            assertThat(first.status()).isEqualTo(SyncResult.Status.COMPLETE);
            assertThat(store.calls("put")).isEqualTo(300);
            assertThat(store.calls("get") + store.calls("head") + store.calls("has"))
                    .isLessThanOrEqualTo(outcomesWithoutDocument(registry));

            store.reset();
            SyncResult second = bootstrap(registry, store.driver(), Optional.empty());

            assertThat(second.status()).isEqualTo(SyncResult.Status.COMPLETE);
            assertThat(store.calls("put") + store.calls("get")).isZero();
            assertThat(store.calls("head")).isEqualTo(300);
        }
    }

    /**
     * Returns the number of names without a document. The store may hold such an outcome together with an earlier
     * document, and checking for that costs a read.
     */
    private static long outcomesWithoutDocument(EmbeddedRegistry registry) {
        return registry.names().stream()
                .filter(name -> registry.packument(name, io.alldocs.examples.registry.PackumentForm.FULL)
                        .isEmpty())
                .count();
    }

    private static SyncResult bootstrap(EmbeddedRegistry registry, StorageDriver driver, Optional<NameList> names) {
        SyncJob.Builder job = SyncJob.builder().origin(registry.origin()).registry(registry.origin());
        names.ifPresent(job::names);
        return bootstrap(job.build(), driver);
    }

    private static SyncResult bootstrap(SyncJob job, StorageDriver driver) {
        try (Cache cache = Cache.builder().driver(driver).build();
                RegistrySync sync = RegistrySync.builder()
                        .env(Env.of(Map.of()))
                        .job(job)
                        .cache(cache)
                        .build()) {
            return sync.bootstrap();
        }
    }
}
